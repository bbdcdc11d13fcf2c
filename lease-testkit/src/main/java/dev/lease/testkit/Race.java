package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets two calls race, round after round. It prepares some rounds at a time, runs them one by one
 * on two threads that wait for each other before each round, and then checks them.
 *
 * @param <T> the object of a round, such as a job
 */
final class Race<T> {

  /** How often two calls race in one test. */
  static final int ROUNDS = Integer.getInteger("lease.kit.rounds", 200);

  private static final int AT_A_TIME = 25;

  /** Prepares the objects of some rounds. */
  @FunctionalInterface
  interface Start<T> {
    List<T> rounds(int count) throws Exception;
  }

  @FunctionalInterface
  interface Call<T, A> {
    A make(T round) throws Exception;
  }

  @FunctionalInterface
  interface Check<T, A, B> {
    void check(T round, A one, B other);
  }

  private final Start<T> start;
  private final int rounds;

  Race(Start<T> start) {
    this(start, ROUNDS);
  }

  Race(Start<T> start, int rounds) {
    this.start = start;
    this.rounds = rounds;
  }

  <A, B> void run(Call<T, A> one, Call<T, B> other, Check<T, A, B> law) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int done = 0; done < rounds; done += AT_A_TIME) {
        List<T> next = start.rounds(Math.min(AT_A_TIME, rounds - done));
        var arrived = new AtomicInteger();
        Future<List<A>> ones = threads.submit(all(next, arrived, one));
        Future<List<B>> others = threads.submit(all(next, arrived, other));
        for (int i = 0; i < next.size(); i++) {
          check(done + i, next.get(i), ones.get().get(i), others.get().get(i), law);
        }
      }
    } finally {
      threads.shutdownNow();
      assertThat(threads.awaitTermination(1, TimeUnit.MINUTES))
          .as("the racing calls returned")
          .isTrue();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // The other thread may need this core.
  private static <T, A> Callable<List<A>> all(
      List<T> rounds, AtomicInteger arrived, Call<T, A> call) {
    return () -> {
      List<A> answers = new ArrayList<>();
      try {
        for (T round : rounds) {
          int together = 2 * (answers.size() + 1);
          arrived.incrementAndGet();
          while (arrived.get() < together) {
            if (Thread.interrupted()) {
              throw new InterruptedException("the race was interrupted");
            }
            Thread.yield();
          }
          answers.add(call.make(round));
        }
        return answers;
      } finally {
        // Lets the other thread go on alone; if this one failed, it would wait for ever.
        arrived.set(2 * rounds.size() + 2);
      }
    };
  }

  private <A, B> void check(int number, T round, A one, B other, Check<T, A, B> law) {
    try {
      law.check(round, one, other);
    } catch (AssertionError e) {
      String what =
          "round %d of %d, with %s; one call returned %s, the other %s:%n"
              .formatted(
                  number + 1,
                  rounds,
                  JavaSource.of(round),
                  JavaSource.of(one),
                  JavaSource.of(other));
      throw new AssertionError(what + e.getMessage(), e);
    }
  }
}
