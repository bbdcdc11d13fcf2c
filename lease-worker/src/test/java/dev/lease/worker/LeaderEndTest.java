package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leaders that are closed in awkward places. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class LeaderEndTest {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String NAME = "price-feed";
  private static final int EXIT_CODE = 3;

  private String address = "";
  private LeaseStores.Opened store;
  private final List<AutoCloseable> opened = new ArrayList<>();

  /** What a listener does, in two lambdas. */
  private record Acts(Consumer<HeldLease> onBegin, Runnable onEnd) implements Leader.Listener {
    @Override
    public void begin(HeldLease lease) {
      onBegin.accept(lease);
    }

    @Override
    public void end() {
      onEnd.run();
    }
  }

  @BeforeEach
  void open() {
    address = LeaseStores.SQLITE.newAddress();
    store = LeaseStores.SQLITE.open(address, LeaseStores.PATIENCE);
    opened.add(store);
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private Leases leases(Duration pollInterval) {
    Leases leases = Leases.builder(Parts.of(store.store())).pollInterval(pollInterval).build();
    opened.add(leases);
    return leases;
  }

  private Leader start(Leases leases, String name, Leader.Listener listener) {
    Leader leader = Leader.start(leases, name, listener);
    opened.add(leader);
    return leader;
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(LONG).pollInterval(Duration.ofMillis(2)).until(condition);
  }

  private boolean isTaken() {
    return store.store().find(NAME).isPresent();
  }

  @Test
  @DisplayName("W27 a listener that closes its own lease has ended before the lease is released")
  void closesInBegin() {
    var taken = new CopyOnWriteArrayList<Boolean>();
    start(
        leases(Duration.ofHours(1)),
        NAME,
        new Acts(
            lease -> {
              lease.close();
              taken.add(isTaken());
            },
            () -> taken.add(isTaken())));
    eventually(() -> taken.size() == 2 && !isTaken());
    assertThat(taken).containsExactly(true, true);
  }

  @Test
  @DisplayName("W27 a listener that always closes its own lease lets others lead")
  void letsOthersLead() {
    var begun = new AtomicInteger();
    var other = new CountDownLatch(1);
    start(
        leases(Duration.ofHours(1)),
        NAME,
        new Acts(
            lease -> {
              begun.incrementAndGet();
              lease.close();
            },
            () -> {}));
    eventually(() -> begun.get() == 1);
    start(leases(Duration.ofMillis(20)), NAME, new Acts(lease -> other.countDown(), () -> {}));
    eventually(() -> other.getCount() == 0);
    assertThat(begun).hasValue(1);
  }

  @Tag("slow")
  @Test
  @DisplayName("W27 listeners that close the leases and each other do not wait for each other")
  void closeEachOther() {
    Leases leases = leases(Duration.ofMillis(20));
    var all = new CopyOnWriteArrayList<Leader>();
    var both = new CountDownLatch(2);
    var ended = new AtomicInteger();
    for (String name : List.of("one", "two")) {
      all.add(
          start(
              leases,
              name,
              new Acts(
                  lease -> both.countDown(),
                  () -> {
                    WorkerFixture.passStubbornly(both);
                    all.forEach(Leader::close);
                    leases.close();
                    ended.incrementAndGet();
                  })));
    }
    eventually(() -> both.getCount() == 0);
    leases.close();
    assertThat(ended).hasValue(2);
  }

  @Test
  @DisplayName("W27 a close on an interrupted thread returns, and the leader ends all the same")
  void closeInterrupted() {
    var mayEnd = new CountDownLatch(1);
    Leader leader =
        start(
            leases(Duration.ofHours(1)),
            NAME,
            new Acts(lease -> {}, () -> WorkerFixture.passStubbornly(mayEnd)));
    eventually(leader::isLeader);
    Thread.currentThread().interrupt();
    leader.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(isTaken()).isTrue();
    mayEnd.countDown();
    eventually(() -> !isTaken());
  }

  @Test
  @DisplayName("W27 a leader begins only when the store has ended a doubt about its lease")
  void doubtAtFirst() {
    var millisAhead = new AtomicLong();
    var clock =
        new LocalClock(System::nanoTime, () -> System.currentTimeMillis() + millisAhead.get());
    var faulty = new FaultyLeases(store.store());
    var renewed = new AtomicInteger();
    var renewedAtBegin = new CopyOnWriteArrayList<Integer>();
    faulty.onAcquire =
        (name, call) -> {
          var granted = call.get();
          millisAhead.set(Duration.ofHours(2).toMillis());
          return granted;
        };
    faulty.onRenew =
        (name, call) -> {
          renewed.incrementAndGet();
          return call.get();
        };
    Leases leases =
        Leases.builder(Parts.of(faulty)).leaseDuration(Duration.ofHours(1)).build(clock);
    opened.add(leases);
    start(leases, NAME, new Acts(lease -> renewedAtBegin.add(renewed.get()), () -> {}));
    eventually(() -> !renewedAtBegin.isEmpty());
    assertThat(renewedAtBegin).containsExactly(1);
  }

  /** A leader whose listener ends its JVM, and whose leases a shutdown hook closes. */
  static final class Child {
    public static void main(String[] arguments) {
      JdbcBackend backend = JdbcBackend.open(JdbcConfig.of(arguments[0]));
      Leases leases = Leases.of(backend);
      Runtime.getRuntime().addShutdownHook(new Thread(leases::close));
      Leader.start(leases, NAME, new Acts(HeldLease::close, () -> System.exit(EXIT_CODE)));
      WorkerFixture.passStubbornly(new CountDownLatch(1));
    }
  }

  @Tag("slow")
  @Test
  @DisplayName("W27 a listener that ends the JVM does not hang in a hook that closes the leases")
  void exits() throws Exception {
    Process child = ChildJvm.of(Child.class, address).inheritIO().start();
    try {
      assertThat(child.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isEqualTo(EXIT_CODE);
    } finally {
      child.destroyForcibly();
    }
  }
}
