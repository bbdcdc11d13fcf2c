package dev.lease.worker;

import dev.lease.Capability;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import dev.lease.worker.HeldJob.StopReason;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A job that a {@link TestWorker} runs once, in the situation that the test describes. What is not
 * described is as in a first attempt at which nothing goes wrong. For one thread at a time.
 *
 * @param <T> the type of the payload
 */
public final class TestJob<T> {

  private static final String ANOTHER_WORKER = "another-worker";

  private final TestRunner runner;
  private final @Nullable JobAdmin admin;
  private final JobClient client;
  private final Map<String, Kept> kept = new LinkedHashMap<>();
  private final List<Parent<?>> parents = new ArrayList<>();
  private final Set<StopReason> told = EnumSet.noneOf(StopReason.class);
  private final JobType<T> type;
  private final T payload;
  private final Map<String, String> headers = new HashMap<>();
  private @Nullable Due notAfter;
  private int attempt = 1;
  private int crashes;
  private boolean losesLease;
  private @Nullable String losesLeaseIn;

  TestJob(
      TestRunner runner, @Nullable JobAdmin admin, JobClient client, JobType<T> type, T payload) {
    this.runner = runner;
    this.admin = admin;
    this.client = client;
    this.type = type;
    this.payload = Limits.notNull("payload", payload);
  }

  /**
   * Sets the number of the attempt. The attempts before it are stored as failed, without a call of
   * the handler.
   *
   * @param attempt 1 to the number of failures of the type, or to {@value
   *     RetryPolicy#DEFAULT_MAX_FAILURES}; 1 is the default
   * @return this
   * @throws IllegalArgumentException if the number is outside its range
   */
  public TestJob<T> attempt(int attempt) {
    int most = Objects.requireNonNullElse(type.maxFailures(), RetryPolicy.DEFAULT_MAX_FAILURES);
    this.attempt = Limits.between("attempt", attempt, 1, most);
    return this;
  }

  /**
   * Sets how many earlier attempts crashed, for {@link JobContext#crashes()}. They come on top of
   * those that failed, so the number of the attempt grows by them. Only the handler learns of them:
   * the store counts no crash, since no lease expires in a test.
   *
   * @param crashes 0 to one less than the crashes that the job may have; 0 is the default
   * @return this
   */
  public TestJob<T> crashes(int crashes) {
    this.crashes = Limits.between("crashes", crashes, 0, Integer.MAX_VALUE);
    return this;
  }

  /**
   * Sets the deadline of the job: see {@link JobContext#timeLeft()}.
   *
   * @param notAfter the time after which no attempt begins
   * @return this
   */
  public TestJob<T> notAfter(Due notAfter) {
    this.notAfter = Limits.notNull("notAfter", notAfter);
    return this;
  }

  /**
   * Adds headers to the job. The codec sees them when it writes the payload.
   *
   * @param headers the headers
   * @return this
   */
  public TestJob<T> headers(Map<String, String> headers) {
    this.headers.putAll(Limits.notNull("headers", headers));
    return this;
  }

  /**
   * Lets an earlier attempt have kept a step, so that this one does not run it.
   *
   * @param step the name of the step
   * @param value its value
   * @return this
   */
  public TestJob<T> keptStep(String step, Object value) {
    return keptStep(step, Limits.notNull("value", value).getClass(), value);
  }

  /**
   * Lets an earlier attempt have kept a step whose value has type arguments, or is null. The rest
   * is as for a step of a name.
   *
   * @param <V> the type of the value
   * @param step the step
   * @param value its value
   * @return this
   */
  public <V> TestJob<T> keptStep(Step<V> step, @Nullable V value) {
    Limits.notNull("step", step);
    return keptStep(step.name(), PayloadFormat.typeToWrite(step.type(), value), value);
  }

  private TestJob<T> keptStep(String step, Type type, @Nullable Object value) {
    return kept(
        step,
        context -> KeptFailure.escaped(runner.codec().write(value, type, context.ofStep(step))));
  }

  /**
   * Lets an earlier attempt have kept a failure of a step, see {@link Step#keepFailure}.
   *
   * @param step the name of the step
   * @param failure what its work threw
   * @return this
   */
  public TestJob<T> keptFailure(String step, Exception failure) {
    KeptFailure failed = KeptFailure.of(Limits.notNull("failure", failure));
    return kept(step, context -> failed.written(runner.codec(), context.ofStepFailure(step)));
  }

  /** The text of a kept step, which is written once the job is there. */
  private interface Kept extends Function<CodecContext, String> {}

  private TestJob<T> kept(String step, Kept text) {
    kept.put(Limits.name("step", step), text);
    return this;
  }

  /**
   * A job that this one comes after.
   *
   * @param error why it is FAILED; null if it is DONE
   */
  private record Parent<P>(
      String part, JobType<P> type, P payload, @Nullable Object result, @Nullable String error) {
    Parent {
      Limits.name("part", part);
      Limits.notNull("type", type);
      Limits.notNull("payload", payload);
    }

    void addTo(JobGraph graph) {
      graph.add(part, type, payload);
    }

    Settlement end(ClaimedJob claimed, PayloadCodec codec) {
      CodecContext context = PayloadFormat.context(claimed);
      return error != null
          ? Settlement.failed(claimed.lease(), error)
          : Settlement.done(
              claimed.lease(), result == null ? null : type.resultText(result, codec, context));
    }
  }

  /**
   * Lets the job come after one that is DONE, for {@link JobContext#parents}. The parents are
   * stored and ended without a call of their handlers, in the order of these calls.
   *
   * @param <P> the type of its payload
   * @param part the name of its part, which may have several jobs
   * @param type its type, in the queue of this job
   * @param payload its payload
   * @param result what its handler left as its result, or null for none
   * @return this
   */
  public <P> TestJob<T> parent(String part, JobType<P> type, P payload, @Nullable Object result) {
    parents.add(new Parent<>(part, type, payload, result, null));
    return this;
  }

  /**
   * Lets the job come after one that is FAILED, and run all the same. The rest is as for one that
   * is DONE.
   *
   * @param <P> the type of its payload
   * @param part the name of its part, which may have several jobs
   * @param type its type, in the queue of this job
   * @param payload its payload
   * @param error why it failed
   * @return this
   */
  public <P> TestJob<T> failedParent(String part, JobType<P> type, P payload, String error) {
    parents.add(new Parent<>(part, type, payload, null, Limits.notNull("error", error)));
    return this;
  }

  /**
   * Requests the cancellation of the job before the handler begins: it is told to stop, and its
   * thread is interrupted.
   *
   * @return this
   * @throws UnsupportedOperationException if the store comes without {@link Capability#ADMIN}
   */
  public TestJob<T> cancelled() {
    if (admin == null) {
      throw Capability.ADMIN.missing("calls for operators, so a job cannot be cancelled");
    }
    told.add(StopReason.CANCELLED);
    return this;
  }

  /**
   * Stops the worker before the handler begins, as if its grace were over: the handler is told to
   * stop, and its thread is interrupted.
   *
   * @return this
   */
  public TestJob<T> stopping() {
    told.add(StopReason.STOPPING);
    return this;
  }

  /**
   * Tells the handler, before it begins, that it runs longer than its maximum run time, and
   * interrupts its thread. A test does not wait for {@link HandlerOptions.Builder#maxRunTime} to
   * pass.
   *
   * @return this
   * @throws IllegalStateException if the handler has no maximum run time
   */
  public TestJob<T> overdue() {
    HandlerRegistration<?> handler = runner.handlers().find(type.queue(), type.name());
    if (handler == null || handler.options().maxRunTime() == null) {
      throw new IllegalStateException("the handler of type " + type + " has no maximum run time");
    }
    told.add(StopReason.OVERDUE);
    return this;
  }

  /**
   * Gives the job to another worker before the handler begins. The handler is not told: it goes on
   * until the store refuses a step of it. The other worker hands the job back, so it can be run
   * again.
   *
   * @return this
   */
  public TestJob<T> losesLease() {
    losesLease = true;
    return this;
  }

  /**
   * Gives the job to another worker when the work of a step is done, and its value is about to be
   * kept. So the effect is made, and the next attempt makes it again. The other worker hands the
   * job back.
   *
   * @param step the name of a step that is not in a transaction
   * @return this
   */
  public TestJob<T> losesLeaseIn(String step) {
    losesLeaseIn = Limits.name("step", step);
    return this;
  }

  /**
   * Enqueues the job and runs it once on this thread. It stays in the store, as the attempt left
   * it. Other due jobs of its queue that are claimed on the way are handed back.
   *
   * @return what came of it
   * @throws IllegalStateException if the job cannot be claimed, for example because its queue is
   *     paused, or if it cannot be settled
   * @throws IllegalArgumentException if the payload or a value of {@link #keptStep} cannot be
   *     written, or a header, the number of crashes or a parent is refused
   * @throws UnsupportedOperationException if it has parents and the store comes without {@link
   *     Capability#GRAPHS}
   * @throws dev.lease.StoreException if the store could not answer before the handler was called
   */
  public TestedAttempt run() {
    NewJob.Builder job = client.job(type, JobIds.next(), payload, headers);
    if (notAfter != null) {
      job.notAfter(notAfter);
    }
    NewJob stored = job.build();
    Limits.between("crashes", crashes, 0, stored.maxCrashes() - 1);
    if (parents.isEmpty()) {
      runner.jobs().enqueue(List.of(stored));
    } else {
      enqueueBehindParents(stored);
    }
    for (int before = 1; before < attempt; before++) {
      settle(
          Settlement.retry(
              take(stored).lease(), Duration.ZERO, "failed as attempt " + before + " of a test"));
    }
    ClaimedJob taken = take(stored);
    ClaimedJob claimed = taken.toBuilder().attempt(taken.attempt() + crashes).build();
    CodecContext context = PayloadFormat.context(claimed);
    kept.forEach(
        (step, text) -> runner.jobs().checkpoint(claimed.lease(), step, text.apply(context)));
    return runner.run(claimed, this::prepare);
  }

  private void enqueueBehindParents(NewJob stored) {
    JobGraph graph = client.graph("test " + stored.id(), stored.queue());
    Set<String> parts = new LinkedHashSet<>();
    for (Parent<?> parent : parents) {
      parent.addTo(graph);
      parts.add(parent.part());
    }
    graph.add("job " + stored.id(), stored);
    graph.after(parts.toArray(String[]::new)).onFailure(OnFailure.RUN);
    client.enqueue(graph);
    Map<String, Integer> numbers = new HashMap<>();
    for (Parent<?> parent : parents) {
      int number = numbers.merge(parent.part(), 1, Integer::sum) - 1;
      String id = graph.jobId(parent.part(), number);
      settle(parent.end(take(stored.queue(), id, runner.owner()), runner.codec()));
    }
  }

  private JobQueue prepare(HeldJob held, JobQueue jobs) {
    if (losesLease) {
      loseLease(held.claimed());
    }
    if (admin != null && told.contains(StopReason.CANCELLED)) {
      admin.cancel(held.lease().queue(), held.lease().jobId());
    }
    told.forEach(held::tellToStop); // Last, since it interrupts this thread.
    return losesLeaseIn == null ? jobs : losingLease(held.claimed(), losesLeaseIn, jobs);
  }

  /** The store, in which the lease is lost when this step is about to be kept. */
  private JobQueue losingLease(ClaimedJob claimed, String step, JobQueue jobs) {
    return (JobQueue)
        Proxy.newProxyInstance(
            JobQueue.class.getClassLoader(),
            new Class<?>[] {JobQueue.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("checkpoint") && arguments[1].equals(step)) {
                loseLease(claimed);
              }
              try {
                return method.invoke(jobs, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void loseLease(ClaimedJob claimed) {
    settle(Settlement.released(claimed.lease(), Duration.ZERO));
    ClaimedJob taken = take(claimed.lease().queue(), claimed.lease().jobId(), ANOTHER_WORKER);
    settle(Settlement.released(taken.lease(), Duration.ZERO));
  }

  private void settle(Settlement settlement) {
    runner.jobs().settle(List.of(settlement));
  }

  private ClaimedJob take(NewJob wanted) {
    return take(wanted.queue(), wanted.id(), runner.owner());
  }

  /** Claims this very job, and hands back what comes before it. */
  private ClaimedJob take(String queue, String id, String owner) {
    List<Settlement> others = new ArrayList<>();
    try {
      while (others.size() < Limits.MAX_BATCH) {
        Optional<ClaimedJob> next = runner.claim(queue, owner);
        if (next.isEmpty()) {
          throw new IllegalStateException(
              "job %s of queue %s cannot be claimed; is the queue paused?".formatted(id, queue));
        }
        if (next.get().lease().jobId().equals(id)) {
          return next.get();
        }
        others.add(Settlement.released(next.get().lease(), Duration.ZERO));
      }
      throw new IllegalStateException(
          "job %s cannot be run alone: %d other jobs of queue %s are due before it"
              .formatted(id, others.size(), queue));
    } finally {
      if (!others.isEmpty()) {
        runner.jobs().settle(others);
      }
    }
  }
}
