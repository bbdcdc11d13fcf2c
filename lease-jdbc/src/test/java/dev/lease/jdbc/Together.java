package dev.lease.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Calls on threads of their own that start at once. */
final class Together {

  private Together() {}

  /** The answers, in the order of the calls. */
  static <T> List<T> run(List<? extends Callable<? extends T>> calls) throws Exception {
    var start = new CyclicBarrier(calls.size());
    ExecutorService executor = Executors.newFixedThreadPool(calls.size());
    try {
      List<Future<T>> running = new ArrayList<>();
      for (Callable<? extends T> call : calls) {
        running.add(
            executor.submit(
                () -> {
                  start.await();
                  return call.call();
                }));
      }
      List<T> answers = new ArrayList<>();
      for (Future<T> one : running) {
        answers.add(one.get(2, TimeUnit.MINUTES));
      }
      return answers;
    } finally {
      executor.shutdownNow();
    }
  }
}
