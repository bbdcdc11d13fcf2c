package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.QueueCounts;
import dev.lease.worker.codec.PayloadCodec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs jobs for the tests of handlers: on the thread of the caller, one after the other, with the
 * handlers, retry policies, interceptors, listeners and codec of a {@link Worker.Builder}. So a
 * test can use the very configuration that the program uses, and waits for nothing.
 *
 * <pre>{@code
 * ManualClock clock = new ManualClock();
 * InMemoryBackend backend = new InMemoryBackend(clock); // of lease-testkit; any store will do
 * TestWorker worker = TestWorker.of(MyWorkers.builder(backend));
 *
 * TestedAttempt attempt = worker.job(PLACE_ORDER, order).attempt(2).run();
 * }</pre>
 *
 * <p>The store's clock alone decides what is due, so a {@code ManualClock} moves the time. Nothing
 * extends a lease: on a store whose time runs, keep the {@code leaseDuration} longer than a halt in
 * a debugger, if another worker claims from the same queues. Nothing enforces a maximum run time,
 * and listeners are called on the thread of the caller. As on a worker's thread, the MDC is cleared
 * after each job.
 *
 * <p>It starts no thread and need not be closed. For one thread at a time; a handler must not use
 * it.
 *
 * <p>The idea is that of Oban.Testing and of db-scheduler's ManualScheduler.
 */
public final class TestWorker {

  /** How many attempts {@link #drain()} makes at most. */
  public static final int MOST_ATTEMPTS = 10_000;

  private static final Events NO_EVENTS = new Events(List.of(), queue -> {}, Rates.NONE);

  private final Backend backend;
  private final JobQueue jobs;
  private final @Nullable JobAdmin admin;
  private final PayloadCodec codec;
  private final TestRunner runner;
  private final List<String> queues;
  private final Set<String> prefixes;

  private TestWorker(Worker.Builder builder) {
    backend = builder.backend;
    jobs = builder.jobs;
    admin = builder.admin;
    codec = builder.codec;
    HandlerRegistry handlers = builder.handlers();
    queues = handlers.queues();
    prefixes = Set.copyOf(builder.prefixes);
    WorkerConfig config = builder.checkedConfig();
    runner =
        new TestRunner(
            jobs,
            builder.admission(),
            builder.graphs(),
            config,
            handlers,
            builder.listeners,
            codec);
    var unused =
        new ScheduleRegistrar(
                jobs,
                admin,
                runner.calls(),
                Runnable::run,
                List.copyOf(builder.schedules),
                codec,
                new StoreOutage(config.name(), NO_EVENTS, () -> {}),
                config.maxBackoff())
            .look();
  }

  /**
   * Makes a worker for tests. It brings the schedules of the builder into the store, so that {@link
   * #drain} fires what is due.
   *
   * @param builder what the program builds its worker with, on the store of the test. Changes of
   *     the builder after this call have no effect
   * @return a worker for tests
   * @throws IllegalStateException as by {@link Worker.Builder#build}, except that no handler is
   *     needed
   * @throws UnsupportedOperationException as by {@link Worker.Builder#build}
   */
  public static TestWorker of(Worker.Builder builder) {
    return new TestWorker(Limits.notNull("builder", builder));
  }

  /**
   * A client on the same store, with the same codec. Its {@link EnqueuedJob}s can cancel, change
   * and requeue if the store has {@link Capability#ADMIN}.
   *
   * @return a client
   */
  public JobClient client() {
    return JobClient.builder(backend).codec(codec).build();
  }

  /**
   * Enqueues a job and runs it once, as a first attempt at which nothing goes wrong.
   *
   * @param <T> the type of the payload
   * @param type the type, which has a handler; in a queue that no type of the worker names, the
   *     type of any queue, as {@link Worker#addQueue} has it
   * @param payload the input of the work
   * @return what came of it
   * @throws IllegalArgumentException if the type has no handler, or the payload cannot be written
   * @throws IllegalStateException as by {@link TestJob#run}
   */
  public <T> TestedAttempt run(JobType<T> type, T payload) {
    return job(type, payload).run();
  }

  /**
   * Describes a job to run once, such as a second attempt, or one that loses its lease.
   *
   * @param <T> the type of the payload
   * @param type the type, which has a handler; in a queue that no type of the worker names, the
   *     type of any queue, as {@link Worker#addQueue} has it
   * @param payload the input of the work
   * @return the job, which {@link TestJob#run} runs
   * @throws IllegalArgumentException if the type has no handler
   */
  public <T> TestJob<T> job(JobType<T> type, T payload) {
    if (runner.handlers().find(type.queue(), type.name()) == null) {
      throw new IllegalArgumentException("type " + type + " has no handler");
    }
    return new TestJob<>(runner, admin, client(), type, payload);
  }

  /**
   * Runs all jobs that are due, also those that they enqueue, until none is due. The queues take
   * turns in the order in which their handlers were added, and after them those that are found by
   * {@link Worker.Builder#queuesWithPrefix}; within a queue the store's order counts. A job that
   * waits for its next attempt is run only once it is due.
   *
   * @return what came of each attempt, in order; empty if no job was due
   * @throws IllegalStateException if jobs are still due after {@value #MOST_ATTEMPTS} attempts, or
   *     if a job cannot be settled
   * @throws dev.lease.StoreException if the store could not answer a claim
   */
  public List<TestedAttempt> drain() {
    return drain(MOST_ATTEMPTS);
  }

  /**
   * Runs all jobs that are due, as {@link #drain()} does, with another bound.
   *
   * @param mostAttempts how many attempts are made at most, at least 1
   * @return what came of each attempt, in order
   * @throws IllegalStateException if jobs are still due after so many attempts, or if a job cannot
   *     be settled
   */
  public List<TestedAttempt> drain(int mostAttempts) {
    Limits.between("mostAttempts", mostAttempts, 1, Integer.MAX_VALUE);
    List<TestedAttempt> attempts = new ArrayList<>();
    boolean found = true;
    while (found) {
      found = false;
      for (String queue : allQueues()) {
        Optional<ClaimedJob> next = runner.claim(queue);
        if (next.isPresent()) {
          found = true;
          checkBound(attempts, mostAttempts, next.get());
          attempts.add(runner.run(next.get()));
        }
      }
    }
    return List.copyOf(attempts);
  }

  /** Also those that a worker would find by a prefix. */
  private Set<String> allQueues() {
    Set<String> all = new LinkedHashSet<>(queues);
    if (admin != null && !prefixes.isEmpty()) {
      admin.counts().queues().stream()
          .map(QueueCounts::queue)
          .filter(queue -> prefixes.stream().anyMatch(queue::startsWith))
          .forEach(all::add);
    }
    return all;
  }

  private void checkBound(List<TestedAttempt> attempts, int most, ClaimedJob next) {
    if (attempts.size() >= most) {
      runner.release(next);
      throw new IllegalStateException(
          "jobs are still due after %d attempts; do they enqueue themselves, or retry at once? The last attempt: %s. The next: %s %s of queue %s"
              .formatted(
                  most,
                  attempts.get(attempts.size() - 1),
                  next.type(),
                  next.lease().jobId(),
                  next.lease().queue()));
    }
  }

  /**
   * Asserts that a job waits, due or not.
   *
   * @param <T> the type of the payload
   * @param type the type of the job
   * @param payload whether the payload is the one that is meant
   * @return the oldest such job, for example to look at its due time
   * @throws AssertionError if there is none; the message lists what waits in its queue instead
   * @throws UnsupportedOperationException if the store comes without {@link Capability#ADMIN}
   */
  public <T> Job assertEnqueued(JobType<T> type, Predicate<? super T> payload) {
    WaitingJobs waiting = waiting(type);
    Job job = waiting.find(type, payload, codec);
    if (job == null) {
      throw new AssertionError(
          "no job of type " + type.name() + " with such a payload waits; " + waiting);
    }
    return job;
  }

  /**
   * Asserts that no such job waits, due or not.
   *
   * @param <T> the type of the payload
   * @param type the type of the job
   * @param payload whether the payload is the one that is meant
   * @throws AssertionError if there is one
   * @throws UnsupportedOperationException if the store comes without {@link Capability#ADMIN}
   */
  public <T> void assertNotEnqueued(JobType<T> type, Predicate<? super T> payload) {
    Job job = waiting(type).find(type, payload, codec);
    if (job != null) {
      throw new AssertionError(
          "a job waits in queue %s that should not: %s"
              .formatted(type.queue(), WaitingJobs.shown(job)));
    }
  }

  private WaitingJobs waiting(JobType<?> type) {
    if (admin == null) {
      throw Capability.ADMIN.missing("calls for operators, so what waits cannot be seen");
    }
    return new WaitingJobs(admin, type.queue());
  }
}
