package dev.lease.redis;

import dev.lease.ClaimedJob;
import dev.lease.Limits;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A claim under way, by one script or several: a script does a bounded piece of work. Used by one
 * thread.
 */
final class Claiming {

  /** How many bytes of bodies a claim gives at most, but for the first job [Q11]. */
  private static final long MOST_BYTES = 4 << 20;

  /** What a script answers that has not looked at all that it could. */
  private static final int GOES_ON = 1;

  private final Redis redis;
  private final String queue;
  private final String worker;
  private final int limit;
  private final Duration duration;
  private final List<ClaimedJob> claimed = new ArrayList<>();
  private long bytes;
  private boolean goesOn = true;

  Claiming(Redis redis, String queue, String worker, int limit, Duration duration) {
    this.redis = redis;
    this.queue = Limits.name("queue", queue);
    this.worker = Limits.name("worker", worker);
    this.limit = Limits.claimLimit(limit);
    this.duration = Limits.lease("duration", duration);
  }

  /** Asks for what is missing. */
  Redis.Run run() {
    return redis.onQueue(
        queue,
        Script.CLAIM,
        worker,
        limit - claimed.size(),
        Micros.of(duration),
        MOST_BYTES,
        bytes);
  }

  /** Reads the answer to {@link #run}. */
  void read(Reply reply) {
    long expiry = reply.number();
    goesOn = reply.number() == GOES_ON;
    bytes = reply.number();
    while (reply.hasMore()) {
      claimed.add(JobTexts.claimed(queue, worker, expiry, reply));
    }
  }

  /**
   * Asks until there is no more to be had. What fails makes the claim shorter: what was given has
   * to be answered.
   */
  List<ClaimedJob> rest() {
    try {
      while (goesOn && claimed.size() < limit) {
        read(redis.run("claim", run()));
      }
    } catch (StoreException | IllegalStateException e) {
      if (claimed.isEmpty()) {
        throw e;
      }
    }
    return List.copyOf(claimed);
  }
}
