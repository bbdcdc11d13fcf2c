package dev.lease.worker;

import dev.lease.StoreException;
import dev.lease.worker.Hang.Call;
import dev.lease.worker.Hang.Fault;
import dev.lease.worker.HangCell.NewGround;
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

  /** A life of a worker on a ground, which says what became of it. */
  private interface Life {
    void live(NewGround ground, Duration lease, HangResult result) throws Exception;
  }

  /**
   * So often a life is begun where the machine stands still by itself. Each time the leases last
   * twice as long, since a machine that is busy stays so.
   */
  private static final int TRIES = 3;

  /** A cell, and the results of its lives. */
  private record Begun(HangResult cell, List<Future<HangResult>> lives) {}

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
  void add(String store, NewGround newGround, Duration lease, Call call, Fault fault) {
    var cell = new HangResult(store, call, fault);
    List<Life> lives =
        call.isOfLeases()
            ? List.of(
                (ground, length, result) -> new HangLeaseCell(ground, length, result).goesOn(),
                (ground, length, result) -> new HangLeaseCell(ground, length, result).stops())
            : List.of(
                (ground, length, result) -> new HangCell(ground, length, result).goesOn(),
                (ground, length, result) -> new HangCell(ground, length, result).stops());
    begin(
        cell,
        lives.stream()
            .<Callable<HangResult>>map(life -> () -> watched(life, newGround, lease, cell))
            .toList());
  }

  /** Begins a cell whose fault is one of all queues. */
  void addWhole(String store, NewGround ground, Duration lease) {
    var result = new HangResult(store, Call.CLAIM, Fault.NEVER);
    begin(
        result,
        List.of(
            () -> {
              new HangCell(ground, lease, result).goOn();
              return result;
            }));
  }

  private void begin(HangResult cell, List<Callable<HangResult>> lives) {
    begun.add(new Begun(cell, lives.stream().map(threads::submit).toList()));
  }

  /** A life on a machine that goes on, if there is one. */
  private static HangResult watched(
      Life life, NewGround newGround, Duration shortest, HangResult cell) throws Exception {
    Duration lease = shortest;
    for (int tries = 1; ; tries++, lease = lease.multipliedBy(2)) {
      var result = new HangResult(cell.store, cell.call, cell.fault);
      result.tries = tries;
      var witness = new HangWitness(lease);
      try {
        life.live(each -> witness.watch(newGround.open(each)), lease, result);
      } catch (StoreException e) {
        result.broken.add(e.toString());
      }
      if (result.broken.isEmpty() || !witness.sawStandstill()) {
        return result;
      }
      if (tries == TRIES) {
        result.broken.add(witness.toString());
        return result;
      }
    }
  }

  /** The tests, one a cell, which wait for the ends of the cells. */
  Stream<DynamicTest> tests() {
    threads.shutdown();
    return begun.stream()
        .map(
            cell ->
                DynamicTest.dynamicTest(
                    cell.cell.toString(),
                    () -> {
                      HangResult whole = cell.lives.get(0).get();
                      for (Future<HangResult> other : cell.lives.subList(1, cell.lives.size())) {
                        whole.addStop(other.get());
                      }
                      ended(whole);
                      whole.assertWhole();
                    }));
  }

  private synchronized void ended(HangResult result) {
    results.add(result);
    HangResult.write(file, results);
  }
}
