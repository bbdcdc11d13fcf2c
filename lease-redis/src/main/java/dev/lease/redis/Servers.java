package dev.lease.redis;

import dev.lease.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers of a store when it opened.
 *
 * @param byAddress the servers that answered; a node of a cluster that did not answer is missing
 */
record Servers(Map<String, ServerInfo> byAddress) {

  private static final Logger log = LoggerFactory.getLogger(Servers.class);

  /** Asks all servers. */
  static Servers of(ScriptRunner runner) {
    Map<String, ServerInfo> answers = new TreeMap<>();
    Map<String, CompletableFuture<ServerInfo>> asked =
        runner.commandOnAll("open the store", ServerInfo::ask);
    asked.forEach(
        (address, answer) -> {
          try {
            answers.put(address, answer.join());
          } catch (RuntimeException e) {
            log.warn(
                "Cannot check the settings of Redis at {}, the store opens without: {}",
                address,
                RedisErrors.reason(e));
          }
        });
    if (answers.isEmpty()) {
      throw StoreException.notDone(
          "could not open the store: no node of the cluster answers, asked "
              + String.join(", ", asked.keySet()),
          null);
    }
    return new Servers(answers);
  }

  /**
   * Refuses servers on which jobs would vanish or calls would fail, and logs a warning of other
   * possible losses.
   */
  void check(RedisConfig config) {
    Map<String, List<String>> warnings = new LinkedHashMap<>();
    byAddress.forEach(
        (address, info) -> {
          info.refusal(config)
              .ifPresent(
                  reason -> {
                    throw new IllegalStateException(address + ": " + reason);
                  });
          info.warnings().forEach(text -> add(warnings, text, address));
        });
    warnings.forEach(
        (text, addresses) -> log.warn("Redis at {}: {}", String.join(", ", addresses), text));
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
