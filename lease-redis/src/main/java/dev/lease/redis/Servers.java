package dev.lease.redis;

import dev.lease.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers of a store, as they were when it opened.
 *
 * @param byAddress what each says of itself; a node of a cluster that does not answer is missing
 */
record Servers(Map<String, ServerInfo> byAddress) {

  private static final Logger log = LoggerFactory.getLogger(Servers.class);

  /** Asks all that there are. */
  static Servers of(ScriptRunner runner) {
    Map<String, ServerInfo> answers = new TreeMap<>();
    runner
        .commandOnAll("open the store", ServerInfo::ask)
        .forEach(
            (address, answer) -> {
              try {
                answers.put(address, answer.join());
              } catch (RuntimeException e) {
                log.warn("{} was not looked at: {}", address, RedisErrors.reason(e));
              }
            });
    if (answers.isEmpty()) {
      throw StoreException.notDone(
          "could not open the store: no node of the cluster answers", null);
    }
    return new Servers(answers);
  }

  /** Refuses servers on which jobs would vanish, and tells in the log what else can be lost. */
  void check(boolean allowEviction) {
    Map<String, List<String>> warnings = new LinkedHashMap<>();
    byAddress.forEach(
        (address, info) -> {
          info.refusal(allowEviction)
              .ifPresent(
                  reason -> {
                    throw new IllegalStateException(address + ": " + reason);
                  });
          info.warnings().forEach(text -> add(warnings, text, address));
        });
    warnings.forEach((text, addresses) -> log.warn("{}: {}", String.join(", ", addresses), text));
  }

  private static void add(Map<String, List<String>> addresses, String text, String address) {
    addresses.computeIfAbsent(text, t -> new ArrayList<>()).add(address);
  }

  /** For a log. */
  @Override
  public String toString() {
    Map<String, List<String>> same = new LinkedHashMap<>();
    byAddress.forEach((address, info) -> add(same, info.toString(), address));
    return same.entrySet().stream()
        .map(each -> each.getKey() + " at " + String.join(", ", each.getValue()))
        .collect(Collectors.joining("; "));
  }
}
