package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.StepTransaction;
import dev.lease.StepTransaction.Work;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The steps of one attempt: those that earlier attempts kept, and those that this one runs. */
final class Steps {

  /** How often a value is sent once the handler was told to stop: it must not wait for ever. */
  private static final int MOST_TRIES_WHEN_TOLD = 10;

  private final JobQueue jobs;
  private final PatientCalls calls;
  private final HeldJob job;
  private final PayloadCodec codec;
  private final CodecContext context;
  private final LeaseLoss losses;
  // The steps that this attempt has asked for, and whether they have ended. Guarded by itself.
  private final Map<String, Boolean> asked = new HashMap<>();
  private final Set<Thread> inTransaction = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Map<String, String> kept;
  private volatile Map<String, String> keptBefore = Map.of();

  Steps(JobQueue jobs, PatientCalls calls, HeldJob job, PayloadCodec codec, LeaseLoss losses) {
    this.jobs = jobs;
    this.calls = calls;
    this.job = job;
    this.codec = codec;
    this.context = PayloadFormat.context(job.claimed());
    this.losses = losses;
  }

  /** What the payload of the job is for its codec. */
  CodecContext ofCodec() {
    return context;
  }

  /** What this attempt has kept, by the names of the steps. */
  Map<String, String> keptNow() {
    Map<String, String> known = kept;
    Map<String, String> now = new TreeMap<>(known == null ? Map.of() : known);
    now.keySet().removeAll(keptBefore.keySet());
    return now;
  }

  <T> T run(Step<T> step, Callable<T> work) throws Exception {
    return once(step, tried -> keep(step.name(), tried.run(() -> text(step, work.call()))));
  }

  <C, T> T run(Step<T> step, StepTransaction<C> transaction, Work<C, T> work) throws Exception {
    String name = step.name();
    if (!transaction.commits()) {
      return inHandlersTransaction(step, transaction, work);
    }
    return once(
        step,
        tried ->
            commit(
                name,
                transaction,
                connection -> tried.run(() -> text(step, work.run(connection)))));
  }

  /**
   * Runs a step in a transaction that the handler ends. Nobody here learns whether it commits, so
   * nothing is noted: if the step is asked for again, the store knows. Nor is anything sent again,
   * for the transaction may be broken.
   */
  private <C, T> T inHandlersTransaction(
      Step<T> step, StepTransaction<C> transaction, Work<C, T> work) throws Exception {
    String name = step.name();
    checkMayRun(name);
    if (step.keepsFailures()) {
      throw new IllegalArgumentException(
          "job %s: step \"%s\" cannot keep a failure in a transaction of the handler's, which rolls it back; give it a transaction of its own"
              .formatted(job, name));
    }
    job.checkActive();
    try {
      String kept =
          transaction.run(
              lease(),
              name,
              connection -> runInTransaction(it -> text(step, work.run(it)), connection));
      return value(step, kept, null);
    } catch (LeaseLostException e) {
      lost("step \"" + name + "\"");
      throw e;
    }
  }

  /** The work of a step, on its way to a kept value. */
  @FunctionalInterface
  private interface Attempt {
    String run(Tried tried) throws Exception;
  }

  /** Runs the work, and remembers what it threw: nothing else that is thrown is a failure of it. */
  private static final class Tried {
    private @Nullable Throwable thrown;

    String run(Callable<String> work) throws Exception {
      try {
        return work.call();
      } catch (Throwable e) {
        thrown = e;
        throw e;
      }
    }
  }

  private <T> T once(Step<T> step, Attempt attempt) throws Exception {
    String name = step.name();
    checkMayRun(name);
    ask(name);
    String value = null;
    Throwable cause = null;
    try {
      Map<String, String> known = kept();
      value = known.get(name);
      if (value == null) {
        job.checkActive();
        Tried tried = new Tried();
        try {
          value = attempt.run(tried);
        } catch (Exception e) {
          if (e != tried.thrown || !step.keeps(e) || job.shouldStop()) {
            throw e;
          }
          cause = e;
          value = keep(name, KeptFailure.of(e).written(codec, context.ofStepFailure(name)));
        }
        known.put(name, value);
      }
    } finally {
      end(name, value != null);
    }
    return value(step, value, cause);
  }

  /** The value that a text means; throws if it means a failure. */
  private <T> T value(Step<T> step, String kept, @Nullable Throwable cause) {
    String name = step.name();
    KeptFailure failure =
        read(
            step,
            KeptFailure.class,
            () -> KeptFailure.read(kept, codec, context.ofStepFailure(name)));
    if (failure != null) {
      throw failure.exception(name, cause);
    }
    return value(step, KeptFailure.unescaped(kept));
  }

  private void checkMayRun(String name) {
    if (name.startsWith(UnreadablePayloads.RESERVED)) {
      throw new IllegalArgumentException(
          "step must not begin with %s, was \"%s\"".formatted(UnreadablePayloads.RESERVED, name));
    }
    if (inTransaction.contains(Thread.currentThread())) {
      // It would wait for the job's row, which that transaction has locked.
      throw new IllegalStateException(
          "job %s: step \"%s\" cannot run inside a step in a transaction".formatted(job, name));
    }
  }

  private void ask(String name) {
    synchronized (asked) {
      if (asked.putIfAbsent(name, false) != null) {
        throw new IllegalStateException(
            "job %s: this attempt has run step \"%s\" already; each step of a job needs a name of its own, in a loop one for each round"
                .formatted(job, name));
      }
    }
  }

  /**
   * Notes the end of a step. Once one has failed, the handler may try it again in this attempt, and
   * with it what ran before, inside it or beside it on other threads: all that has ended may be
   * asked for again. What was kept is not run again.
   */
  private void end(String name, boolean isKept) {
    synchronized (asked) {
      asked.put(name, true);
      if (!isKept) {
        asked.values().removeIf(ended -> ended);
      }
    }
  }

  private Map<String, String> kept() throws Exception {
    Map<String, String> known = kept;
    if (known == null) {
      // No step has run yet, so nothing can be lost: a handler that was told to stop gives up here.
      Map<String, String> read =
          calls
              .read("read the steps", () -> jobs.checkpoints(lease()))
              .orElseThrow(() -> lost("to give its steps"));
      synchronized (asked) {
        // Another thread may have been faster, and have kept a value in its map meanwhile.
        known = kept;
        if (known == null) {
          keptBefore = read;
          known = new ConcurrentHashMap<>(read);
          kept = known;
        }
      }
    }
    return known;
  }

  private String keep(String name, String value) throws Exception {
    var whenTold = new AtomicInteger();
    return calls
        .make(
            "keep step \"" + name + "\"",
            e -> !job.isToldToStop() || whenTold.incrementAndGet() < MOST_TRIES_WHEN_TOLD,
            () -> calls.here(() -> jobs.checkpoint(lease(), name, value)))
        .orElseThrow(() -> lost("step \"" + name + "\""));
  }

  /**
   * Runs a step in a transaction. If it is unknown whether the first transaction was committed,
   * running it again finds out. If the second run then fails with a known outcome, for example
   * because it got no connection, this says nothing of the first. So the outcome stays unknown, and
   * it is run again.
   */
  private <C> String commit(String name, StepTransaction<C> transaction, Work<C, String> work)
      throws Exception {
    var unknown = new AtomicReference<Boolean>(false);
    try {
      return calls.make(
          "commit step \"" + name + "\"",
          e -> unknown.accumulateAndGet(e.isOutcomeUnknown(), Boolean::logicalOr),
          () -> transaction.run(lease(), name, connection -> runInTransaction(work, connection)));
    } catch (LeaseLostException e) {
      lost("step \"" + name + "\"");
      throw e;
    }
  }

  private <C> String runInTransaction(Work<C, String> work, C connection) throws Exception {
    inTransaction.add(Thread.currentThread());
    try {
      return work.run(connection);
    } finally {
      inTransaction.remove(Thread.currentThread());
    }
  }

  private JobLease lease() {
    return job.lease();
  }

  private LeaseLostException lost(String what) {
    losses.refused(job, what);
    return new LeaseLostException(
        "the lease of job " + job + " is lost: the store refused " + what);
  }

  private String text(Step<?> step, @Nullable Object value) {
    String name = step.name();
    String text;
    try {
      Type type = PayloadFormat.typeToWrite(step.type(), value);
      text = codec.write(value, type, context.ofStep(name));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "job %s: the value of step \"%s\" cannot be written".formatted(job, name), e);
    }
    return Limits.text("the value of step \"" + name + "\"", KeptFailure.escaped(text));
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // It is of that type, as codecs promise, or null.
  private <T> T value(Step<T> step, String text) {
    return (T)
        read(step, step.type(), () -> codec.read(text, step.type(), context.ofStep(step.name())));
  }

  /** Reads a value, even one just written: if it cannot be read, this attempt should fail. */
  private <V extends @Nullable Object> V read(Step<?> step, Type type, Supplier<V> reading) {
    try {
      return reading.get();
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "job %s: the kept value of step \"%s\" cannot be read as %s; it stays kept, and the step is not run again"
              .formatted(job, step.name(), type.getTypeName()),
          e);
    }
  }
}
