package dev.lease.redis;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.StoreException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A claim under way, by one script or several: a script does a bounded piece of work. Used by one
 * thread.
 */
final class Claiming {

  private static final Logger log = LoggerFactory.getLogger(Claiming.class);

  /** Tells claims.lua that no job was given yet, so that the first has whatever size it has. */
  private static final long NONE_GIVEN = -1;

  /** What a script answers that has not looked at all that it could. */
  private static final int GOES_ON = 1;

  /** What a script answers that has met a bound of the request. */
  private static final int LEFT_SOME = 2;

  private final ScriptRunner runner;
  private final ClaimRequest request;
  private final List<ClaimedJob> claimed = new ArrayList<>();
  private final List<FinishedJob> ended = new ArrayList<>();
  private long bytes = NONE_GIVEN;
  private long rest = GOES_ON;

  Claiming(ScriptRunner runner, ClaimRequest request) {
    this.runner = runner;
    this.request = Limits.notNull("request", request);
  }

  /** Asks for what is missing. */
  ScriptCall nextCall() {
    return runner.onQueue(
        request.queue(),
        Script.CLAIM,
        request.owner(),
        request.limit() - claimed.size(),
        Micros.of(request.leaseDuration()),
        request.maxBytes(),
        bytes,
        Limits.MAX_BATCH - ended.size());
  }

  /** Reads the answer to {@link #nextCall}. */
  void read(Reply reply) {
    long expiry = reply.number();
    rest = reply.number();
    bytes = reply.number();
    ended.addAll(JobCodec.finished(request.queue(), reply.part()));
    Reply given = reply.part();
    while (given.hasMore()) {
      claimed.add(JobCodec.claimed(request.queue(), request.owner(), expiry, given));
    }
  }

  /**
   * Asks until there is no more to be had. What fails makes the claim shorter: what was done has to
   * be answered.
   */
  Claim rest() {
    try {
      while (rest == GOES_ON && claimed.size() < request.limit()) {
        read(runner.run("claim", nextCall()));
      }
    } catch (StoreException | IllegalStateException e) {
      log.debug("a claim of queue {} ends early: {}", request.queue(), e.getMessage());
    }
    return Claim.of(claimed, ended, rest == GOES_ON || rest == LEFT_SOME);
  }
}
