package dev.lease.worker;

import dev.lease.worker.Hang.Call;
import dev.lease.worker.Hang.Fault;
import dev.lease.worker.HangCell.Ground;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Cells that run at once, since they wait most of the time. Each is a test. */
final class HangCells {

  /** A life of a worker. */
  private interface Life {
    void live() throws Exception;
  }

  private record Begun(HangResult result, List<Future<?>> ends) {}

  private final String file;
  private final ExecutorService threads;
  private final List<Begun> begun = new ArrayList<>();

  /** Guarded by this. */
  private final List<HangResult> results = new ArrayList<>();

  /**
   * No cell yet.
   *
   * @param file where the table goes, in {@code target/}
   * @param atOnce how many runs there are at the same time
   */
  HangCells(String file, int atOnce) {
    this.file = file;
    threads = Executors.newFixedThreadPool(atOnce);
  }

  /** Begins the two runs of a cell, as soon as there is room. */
  void add(
      String store, Callable<? extends Ground> ground, Duration lease, Call call, Fault fault) {
    var result = new HangResult(store, call, fault);
    if (call.isOfLeases()) {
      var cell = new HangLeaseCell(ground, lease, result);
      begin(result, cell::goesOn, cell::stops);
    } else {
      var cell = new HangCell(ground, lease, result);
      begin(result, cell::goesOn, cell::stops);
    }
  }

  /** Begins a cell whose fault is one of all queues. */
  void addWhole(String store, Callable<? extends Ground> ground, Duration lease) {
    var result = new HangResult(store, Call.CLAIM, Fault.NEVER);
    begin(result, new HangCell(ground, lease, result)::goOn);
  }

  private void begin(HangResult result, Life... lives) {
    List<Future<?>> ends =
        Stream.of(lives)
            .<Future<?>>map(
                life ->
                    threads.submit(
                        () -> {
                          life.live();
                          return result;
                        }))
            .toList();
    begun.add(new Begun(result, ends));
  }

  /** The tests, one a cell, which wait for the ends of the cells. */
  Stream<DynamicTest> tests() {
    threads.shutdown();
    return begun.stream()
        .map(
            cell ->
                DynamicTest.dynamicTest(
                    cell.result.toString(),
                    () -> {
                      for (Future<?> end : cell.ends) {
                        end.get();
                      }
                      ended(cell.result);
                      cell.result.assertWhole();
                    }));
  }

  private synchronized void ended(HangResult result) {
    results.add(result);
    HangResult.write(file, results);
  }
}
