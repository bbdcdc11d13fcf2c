package dev.lease.redis;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A claim under way. It takes several scripts if there is much to look at, because each script does
 * a limited amount of work. Used by one thread.
 */
final class Claiming {

  private static final Logger log = LoggerFactory.getLogger(Claiming.class);

  /** Tells lib/claims.lua that no job was given yet: the first job may have any size. */
  private static final long NONE_GIVEN = -1;

  /** The answer of a script that stopped at its own limit: another script goes on. */
  private static final int GOES_ON = 1;

  /** The answer of a script that stopped at a limit of the request and left jobs behind. */
  private static final int LEFT_SOME = 2;

  /**
   * The answer of a script that has not looked at all keys which may have a free slot, or at all
   * jobs of graphs that may be let go.
   */
  private static final int HAS_MORE = 3;

  /** How many scripts look at those before the claim answers without a job. */
  private static final int MOST_LOOKS = 10;

  private final ScriptRunner runner;
  private final ClaimRequest request;
  private final List<ClaimedJob> claimed = new ArrayList<>();
  private final List<FinishedJob> finished = new ArrayList<>();
  private long bytes = NONE_GIVEN;
  private long rest = GOES_ON;

  Claiming(ScriptRunner runner, ClaimRequest request) {
    this.runner = runner;
    this.request = Limits.notNull("request", request);
  }

  /** The next script, which asks for the jobs that are still missing. */
  ScriptCall nextCall() {
    return runner.onQueue(
        request.queue(),
        Script.CLAIM,
        request.owner(),
        request.limit() - claimed.size(),
        Micros.of(request.leaseDuration()),
        request.maxBytes(),
        bytes,
        Limits.MAX_BATCH - finished.size());
  }

  /** Reads the answer to {@link #nextCall}. */
  void read(Reply reply) {
    long expiry = reply.number();
    rest = reply.number();
    bytes = reply.number();
    finished.addAll(JobCodec.finished(request.queue(), reply.part()));
    Reply given = reply.part();
    Map<String, String> keys = reply.hasMore() ? JobCodec.keys(reply.part()) : Map.of();
    Instant now = Micros.instant(expiry - Micros.of(request.leaseDuration()));
    while (given.hasMore()) {
      claimed.add(JobCodec.claimed(request.queue(), request.owner(), now, expiry, given, keys));
    }
  }

  /**
   * Runs the scripts that are still needed. If one fails, the claim ends early and returns the jobs
   * that it has: they are claimed, and their caller must hear of them. While there are only more
   * keys or graphs to look at, jobs that were given do not wait for that: the next claim goes on.
   */
  Claim rest() {
    int looks = 1;
    try {
      while ((rest == GOES_ON || (hasMore() && claimed.isEmpty() && looks < MOST_LOOKS))
          && claimed.size() < request.limit()
          && !runner.deadline().isNearlyOver()) {
        read(runner.run("claim", nextCall()));
        looks++;
      }
    } catch (StoreException | IllegalStateException e) {
      log.debug(
          "Claim on queue {} ends early with {} jobs, because a later script failed: {}",
          Limits.oneLine(request.queue()),
          claimed.size(),
          RedisErrors.reason(e));
    }
    Claim claim = Claim.of(claimed, finished, rest == GOES_ON || rest == LEFT_SOME);
    return hasMore() ? claim.asPartial() : claim;
  }

  private boolean hasMore() {
    return rest == HAS_MORE;
  }
}
