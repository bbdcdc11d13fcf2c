package dev.lease.redis;

import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what queues need no longer, and repairs what is damaged. */
final class QueueUpkeep {

  private static final Logger log = LoggerFactory.getLogger(QueueUpkeep.class);

  /** Tells purge.lua to remove jobs whose own time to be kept is over. */
  private static final long OWN_TIME = -1;

  /** The answer of lua/lib/idle.lua about a queue that cannot be forgotten. */
  private static final long IN_USE = 1;

  /** A purge repairs a part of its queue, unless another did so less than this before. */
  private static final Duration REPAIR_EVERY = Duration.ofSeconds(10);

  private final ScriptRunner runner;
  private final QueueNames queues;

  QueueUpkeep(ScriptRunner runner, QueueNames queues) {
    this.runner = runner;
    this.queues = queues;
  }

  /** Repairs a part of a queue. */
  void repair(String queue) {
    repair(queue, Duration.ZERO);
  }

  private void repair(String queue, Duration every) {
    runner.run(
        "repair a queue", runner.onQueue(queue, Script.REPAIR, Long.toString(Micros.of(every))));
  }

  /**
   * Removes jobs whose own time to be kept is over, and dedup keys that need not stay taken any
   * more. Workers call it all the time.
   *
   * @return how many of both, so that a caller knows whether there may be more
   */
  int purge(String queue, int limit) {
    int removed = purge(queue, limit, OWN_TIME, "");
    try {
      repair(queue, REPAIR_EVERY);
    } catch (StoreException e) {
      log.warn(
          "Queue {} could not be repaired; the next purge tries again", Limits.oneLine(queue), e);
    }
    return removed;
  }

  /**
   * Removes jobs that finished long ago.
   *
   * @param act who does it, as a {@link Recorder} tells it
   */
  int purge(String queue, int limit, Duration olderThan, String act) {
    return purge(queue, limit, Micros.ofDelay(olderThan), act);
  }

  private int purge(String queue, int limit, long age, String act) {
    Reply reply = runner.run("purge", runner.onQueue(queue, Script.PURGE, limit, age, act, ""));
    int removed = reply.integer();
    boolean goesOn = reply.number() == 1;
    long use = reply.number();
    while (goesOn) {
      String passed = reply.text();
      reply =
          runner.goOn(
              "purge", runner.onQueue(queue, Script.PURGE, limit - removed, age, act, passed));
      removed += reply.integer();
      goesOn = reply.number() == 1;
      use = reply.number();
    }
    if (use == IN_USE) {
      queues.write(List.of(queue));
    } else {
      forget(queue);
    }
    return removed;
  }

  /**
   * Removes the name of a queue, and then what is left of the queue, if there is anything: another
   * purge may have done so meanwhile. If a job has come in between, the queue stays, and gets its
   * name again. If one comes between the writing of its name and its script, the next purge writes
   * the name.
   */
  private void forget(String queue) {
    try {
      queues.remove(queue);
      if (runner.run("forget a queue", runner.onQueue(queue, Script.FORGET)).number() == IN_USE) {
        queues.write(List.of(queue));
      }
    } catch (StoreException e) {
      log.debug(
          "Cannot forget the idle queue {}, the next purge tries again", Limits.oneLine(queue), e);
    }
  }
}
