package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks on opening whether the servers can confirm what the configuration asks for. */
final class DurabilityCheck {

  private static final Logger log = LoggerFactory.getLogger(DurabilityCheck.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private DurabilityCheck() {}

  /**
   * Asks all servers. Those that do not answer are left out.
   *
   * @throws IllegalStateException if a server refuses to confirm writes; waiting would not help
   */
  static void check(ScriptRunner runner, Durability durability) {
    if (durability.isAsked()) {
      runner
          .commandOnAll("open the store", commands -> durability.ask(commands, PATIENCE))
          .forEach((address, answer) -> check(durability, address, answer));
    }
  }

  private static void check(
      Durability durability, String address, CompletableFuture<Durability.Confirmed> answer) {
    try {
      Durability.Confirmed confirmed = answer.join();
      if (!durability.isMetBy(confirmed)) {
        log.warn(
            "Redis at {} cannot confirm writes now: a write is {}; calls that need more fail until it can",
            address,
            durability.told(confirmed));
      }
    } catch (RuntimeException e) {
      if (RedisErrors.unwrapped(e) instanceof RedisCommandExecutionException refusal
          && !RedisErrors.isOfReplica(refusal)) {
        throw new IllegalStateException(
            "%s cannot confirm writes as RedisConfig.withDurability asks, it refuses WAIT or WAITAOF: %s"
                .formatted(address, RedisErrors.reason(refusal)),
            refusal);
      }
      log.debug(
          "Redis at {} did not answer whether it can confirm writes; the store opens without: {}",
          address,
          RedisErrors.reason(e));
    }
  }
}
