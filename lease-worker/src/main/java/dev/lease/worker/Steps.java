package dev.lease.worker;

import dev.lease.JobQueue;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.StepTransaction;
import dev.lease.StepTransaction.Work;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The steps of one attempt: those that an attempt before has kept, and those that this one runs.
 */
final class Steps {

  private static final Logger log = LoggerFactory.getLogger(Steps.class);
  private static final RetryPolicy PAUSES =
      RetryPolicy.exponential(Duration.ofMillis(50), Duration.ofSeconds(1));

  private final JobQueue jobs;
  private final Hold hold;
  private final JsonMapper mapper;
  private final Set<String> begun = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Map<String, String> kept;

  Steps(JobQueue jobs, Hold hold, JsonMapper mapper) {
    this.jobs = jobs;
    this.hold = hold;
    this.mapper = mapper;
  }

  <T> T run(String name, Class<T> type, Callable<T> work) throws Exception {
    return once(name, type, () -> keep(name, json(name, work.call())));
  }

  <C, T> T run(String name, Class<T> type, StepTransaction<C> transaction, Work<C, T> work)
      throws Exception {
    return once(
        name,
        type,
        () -> commit(name, transaction, connection -> json(name, work.run(connection))));
  }

  private <T> T once(String name, Class<T> type, Callable<String> work) throws Exception {
    Limits.name("step", name);
    if (!begun.add(name)) {
      throw new IllegalStateException(
          "%s: this attempt has run step \"%s\" already; each step of a job needs a name of its own, in a loop one that tells the rounds apart"
              .formatted(hold, name));
    }
    String value = null;
    try {
      value = kept().get(name);
      if (value == null) {
        hold.checkHeld();
        value = work.call();
      }
    } finally {
      if (value == null) {
        // It failed, and may be tried again within this attempt.
        begun.remove(name);
      }
    }
    return read(name, type, value);
  }

  private Map<String, String> kept() throws Exception {
    Map<String, String> known = kept;
    if (known == null) {
      known =
          patiently("read its steps", e -> true, () -> jobs.checkpoints(hold.lease()))
              .orElseThrow(() -> lost("did not give its steps"));
      kept = known;
    }
    return known;
  }

  private String keep(String name, String value) throws Exception {
    return patiently(
            "keep step \"" + name + "\"",
            e -> true,
            () -> jobs.checkpoint(hold.lease(), name, value))
        .orElseThrow(() -> lost("refused step \"" + name + "\""));
  }

  /** Where it is not known whether it was committed, another run finds out. */
  private <C> String commit(String name, StepTransaction<C> transaction, Work<C, String> work)
      throws Exception {
    try {
      return patiently(
          "commit step \"" + name + "\"",
          StoreException::isOutcomeUnknown,
          () -> transaction.run(hold.lease(), name, work));
    } catch (LeaseLostException e) {
      lost("refused step \"" + name + "\"");
      throw e;
    }
  }

  /**
   * Calls the store until it answers, for as long as the lease lasts: a step whose effect has been
   * made and whose value is not kept would be run again. What interrupts the handler does not end
   * that; it is told afterwards [E08].
   */
  private <T> T patiently(String what, Predicate<StoreException> again, Callable<T> call)
      throws Exception {
    boolean interrupted = false;
    try {
      for (int tries = 1; ; tries++) {
        // Nothing is sent after the local deadline [W02].
        hold.checkNotLost();
        interrupted |= Thread.interrupted();
        try {
          return call.call();
        } catch (StoreException e) {
          if (!again.test(e)) {
            throw e;
          }
          if (tries == 1) {
            log.warn("{}: could not {}; tried again while its lease lasts", hold, what, e);
          }
        }
        interrupted |= !paused(PAUSES.delay(tries, ThreadLocalRandom.current()));
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean paused(Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private LeaseLostException lost(String how) {
    Losses.tell(hold, Hold.Reason.LOST, "the store " + how);
    return new LeaseLostException("the lease of " + hold + " is lost: the store " + how);
  }

  private String json(String name, Object value) {
    String json;
    try {
      json = mapper.writeValueAsString(value);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "%s: the result of step \"%s\" cannot be written as JSON".formatted(hold, name), e);
    }
    return Limits.text("the result of step \"" + name + "\"", json);
  }

  /** Also what was written just now: what cannot be read fails before later attempts rely on it. */
  private <T> T read(String name, Class<T> type, String value) {
    try {
      return mapper.readValue(value, type);
    } catch (JacksonException e) {
      throw new IllegalStateException(
          "%s: the kept result of step \"%s\" cannot be read as %s; it stays kept, and the step is not run again"
              .formatted(hold, name, type.getName()),
          e);
    }
  }
}
