package dev.lease.worker;

import static dev.lease.worker.Hang.Call.ACQUIRE;
import static dev.lease.worker.Hang.Call.CHECKPOINT;
import static dev.lease.worker.Hang.Call.CLAIM;
import static dev.lease.worker.Hang.Call.EXTEND;
import static dev.lease.worker.Hang.Call.FIND;
import static dev.lease.worker.Hang.Call.HINT;
import static dev.lease.worker.Hang.Call.ON_WORK;
import static dev.lease.worker.Hang.Call.PROGRESS;
import static dev.lease.worker.Hang.Call.RELEASE;
import static dev.lease.worker.Hang.Call.RENEW;
import static dev.lease.worker.Hang.Call.SETTLE;
import static dev.lease.worker.Hang.Call.SETTLE_AND_CLAIM;
import static dev.lease.worker.Hang.Fault.FAIL;
import static dev.lease.worker.Hang.Fault.LATE;
import static dev.lease.worker.Hang.Fault.LONG;
import static dev.lease.worker.Hang.Fault.NEVER;
import static dev.lease.worker.Hang.Fault.NONE;
import static dev.lease.worker.Hang.Fault.TENTH;

import dev.lease.Backend;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.worker.Hang.Call;
import dev.lease.worker.Hang.Fault;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * What calls that hang for one queue cost another one, on the reference store. The table of the
 * last run is in {@code target/}.
 */
class HangMatrixTest {

  private static final Duration LEASE = Duration.ofSeconds(3);

  /** The reference store behind calls that hang. */
  private static final class InMemory implements HangCell.Ground {
    private final InMemoryBackend real = new InMemoryBackend(InstantSource.system());
    private final HangingCalls calls;

    InMemory(Duration lease) {
      calls = new HangingCalls(real, HangGrounds.callTimeout(lease), lease);
    }

    @Override
    public Backend backend() {
      return calls;
    }

    @Override
    public Backend plain() {
      return real;
    }

    @Override
    public Hang hang() {
      return calls;
    }

    @Override
    public void close() {
      real.close();
    }
  }

  private static void add(HangCells cells, Call call, Fault... faults) {
    for (Fault fault : faults) {
      cells.add("memory", InMemory::new, LEASE, call, fault);
    }
  }

  @TestFactory
  @DisplayName("W23 calls of one queue that hang cost another queue nothing")
  Stream<DynamicTest> sample() {
    var cells = new HangCells("hang-sample.md", 40);
    add(cells, CLAIM, NONE, NEVER, FAIL);
    add(cells, ACQUIRE, NONE, LATE);
    add(cells, SETTLE, NEVER);
    add(cells, SETTLE_AND_CLAIM, LONG, TENTH);
    add(cells, EXTEND, NEVER);
    add(cells, FIND, NEVER);
    add(cells, PROGRESS, LATE);
    add(cells, CHECKPOINT, NEVER);
    add(cells, HINT, NEVER);
    add(cells, RENEW, NEVER);
    add(cells, RELEASE, NEVER);
    return cells.tests();
  }

  @Tag("slow")
  @TestFactory
  @DisplayName("W23 calls of one queue that hang cost another queue nothing, all of them")
  Stream<DynamicTest> all() {
    var cells = new HangCells("hang-matrix.md", 40);
    add(cells, CLAIM, NONE);
    add(cells, ACQUIRE, NONE);
    EnumSet.complementOf(EnumSet.of(ON_WORK))
        .forEach(call -> add(cells, call, NEVER, LONG, LATE, FAIL, TENTH));
    return cells.tests();
  }
}
