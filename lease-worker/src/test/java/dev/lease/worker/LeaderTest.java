package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.lease.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Candidates of two processes, each with a backend object of its own. */
@ParameterizedClass(name = "{0}")
@EnumSource
class LeaderTest {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String NAME = "price-feed";

  @Parameter LeaseStores kind;

  private String address = "";
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<String> story = new CopyOnWriteArrayList<>();
  private final List<Long> tokens = new CopyOnWriteArrayList<>();
  private final AtomicReference<HeldLease> last = new AtomicReference<>();
  private final Logs logs = new Logs();

  @BeforeEach
  @SuppressWarnings("NullAway") // The parameter is there.
  void open() {
    address = kind.newAddress();
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    logs.close();
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(LONG).pollInterval(Duration.ofMillis(2)).until(condition);
  }

  private LeaseStores.Opened store(String address, Duration callTimeout) {
    var store = kind.open(address, callTimeout);
    opened.add(store);
    return store;
  }

  private Leader candidate(String owner, LeaseStores.Opened store, Duration leaseDuration) {
    return candidate(owner, store, leaseDuration, new AtomicBoolean());
  }

  private Leader candidate(
      String owner, LeaseStores.Opened store, Duration leaseDuration, AtomicBoolean fails) {
    var leases =
        Leases.builder(Parts.of(store.store()))
            .owner(owner)
            .leaseDuration(leaseDuration)
            .pollInterval(Duration.ofMillis(20))
            .build();
    opened.add(leases);
    var leader =
        Leader.start(
            leases,
            NAME,
            new Leader.Listener() {
              @Override
              public void begin(HeldLease lease) {
                tokens.add(lease.token());
                last.set(lease);
                story.add(owner + " begins");
                if (fails.get()) {
                  throw new IllegalStateException("not ready");
                }
              }

              @Override
              public void end() {
                story.add(owner + " ends");
              }
            });
    opened.add(leader);
    return leader;
  }

  private LeaseStores.Opened store() {
    return store(address, LeaseStores.PATIENCE);
  }

  @Test
  @DisplayName("W27 one leads, and when it closes it has ended before the next begins")
  void handsOver() {
    Leader one = candidate("one", store(), LONG);
    eventually(one::isLeader);
    Leader two = candidate("two", store(), LONG);
    one.close();
    one.close();
    assertThat(one.isLeader()).isFalse();
    eventually(() -> story.size() == 3);
    assertThat(story).containsExactly("one begins", "one ends", "two begins");
    assertThat(tokens.get(1)).isGreaterThan(tokens.get(0));
    two.close();
    assertThat(story).endsWith("two ends");
    assertThat(logs.at(Level.WARN)).isEmpty();
    assertThat(logs.at(Level.ERROR)).isEmpty();
  }

  @Test
  @DisplayName("W27 a leader that loses its lease is told, and is a candidate again")
  void loses() {
    LeaseStores.Opened store = store();
    candidate("one", store, Duration.ofSeconds(2));
    eventually(() -> story.size() == 1);
    assertThat(store.store().release(last.get().lease())).isTrue();
    eventually(() -> story.size() >= 3);
    assertThat(List.copyOf(story).subList(0, 3))
        .containsExactly("one begins", "one ends", "one begins");
    assertThat(tokens.get(1)).isGreaterThan(tokens.get(0));
  }

  @Test
  @DisplayName("W27 a listener that blocks while it begins is interrupted when its lease is lost")
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void losesWhileItBegins() {
    LeaseStores.Opened store = store();
    var leases =
        Leases.builder(Parts.of(store.store()))
            .leaseDuration(Duration.ofSeconds(2))
            .pollInterval(Duration.ofHours(1))
            .build();
    opened.add(leases);
    Leader leader =
        Leader.start(
            leases,
            NAME,
            new Leader.Listener() {
              @Override
              public void begin(HeldLease lease) throws InterruptedException {
                last.set(lease);
                new CountDownLatch(1).await();
              }

              @Override
              public void end() {
                story.add("ends, interrupted: " + Thread.currentThread().isInterrupted());
              }
            });
    opened.add(leader);
    eventually(() -> last.get() != null);
    assertThat(store.store().release(last.get().lease())).isTrue();
    eventually(() -> story.size() == 1);
    assertThat(story).containsExactly("ends, interrupted: false");
    assertThat(logs.at(Level.WARN)).anyMatch(line -> line.contains("had begun as leader"));
    assertThat(logs.at(Level.ERROR)).isEmpty();
  }

  @Test
  @DisplayName("W27 one that fails to begin since its lease is lost, over and over, is logged once")
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void failsToBeginWhenItLoses() throws InterruptedException {
    var begun = new LinkedBlockingQueue<HeldLease>();
    var end = new CountDownLatch(1);
    LeaseStores.Opened store = store();
    var leases =
        Leases.builder(Parts.of(store.store()))
            .leaseDuration(Duration.ofSeconds(2))
            .pollInterval(Duration.ofMillis(20))
            .build();
    opened.add(leases);
    Leader leader =
        Leader.start(
            leases,
            NAME,
            new Leader.Listener() {
              @Override
              public void begin(HeldLease lease) {
                begun.add(lease);
                try {
                  end.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException("not\nready", e);
                }
              }

              @Override
              public void end() {
                story.add("ends");
              }
            });
    opened.add(leader);
    // It may lead once more before it is closed.
    opened.add(end::countDown);
    for (int round = 1; round <= 2; round++) {
      int ends = round;
      Lease lost = begun.take().lease();
      assertThat(store.store().release(lost)).isTrue();
      eventually(() -> story.size() == ends);
    }
    assertThat(logs.at(Level.WARN))
        .filteredOn(line -> line.contains("failed to begin as leader"))
        .singleElement()
        .satisfies(
            line ->
                assertThat(line.lines().skip(1))
                    .hasSizeGreaterThan(1)
                    .allMatch(each -> each.startsWith("    "))
                    .anyMatch(each -> each.contains("InterruptedException")));
    assertThat(logs.at(Level.ERROR)).isEmpty();
  }

  @Test
  @DisplayName("W27 one that fails to begin ends, releases the lease, and another may lead")
  void failsToBegin() {
    var fails = new AtomicBoolean(true);
    candidate("one", store(), LONG, fails);
    eventually(() -> story.size() >= 2);
    assertThat(List.copyOf(story).subList(0, 2)).containsExactly("one begins", "one ends");
    candidate("two", store(), LONG);
    eventually(() -> story.contains("two begins"));
    assertThat(logs.at(Level.ERROR).get(0)).contains(NAME, "failed to begin");
  }

  @Tag("slow")
  @Test
  @DisplayName("W27 one that fails to begin asks again only after its poll interval")
  void failsToBeginAndWaits() {
    var begun = new AtomicInteger();
    var leases =
        Leases.builder(Parts.of(store().store())).pollInterval(Duration.ofHours(1)).build();
    opened.add(leases);
    Leader leader =
        Leader.start(
            leases,
            NAME,
            new Leader.Listener() {
              @Override
              public void begin(HeldLease lease) {
                begun.incrementAndGet();
                throw new IllegalStateException("not ready");
              }

              @Override
              public void end() {}
            });
    opened.add(leader);
    eventually(() -> begun.get() == 1);
    candidate("two", store(), LONG);
    eventually(() -> story.contains("two begins"));
    assertThat(begun).hasValue(1);
  }

  @Test
  @DisplayName("W27 whoever closes the lease of a leader, it is released when the leader has ended")
  void closedByAnother() {
    LeaseStores.Opened store = store();
    var leases = Leases.builder(Parts.of(store.store())).pollInterval(Duration.ofHours(1)).build();
    opened.add(leases);
    var held = new CopyOnWriteArrayList<Boolean>();
    var lease = new AtomicReference<HeldLease>();
    Leader leader =
        Leader.start(
            leases,
            NAME,
            new Leader.Listener() {
              @Override
              public void begin(HeldLease begun) {
                lease.set(begun);
              }

              @Override
              public void end() {
                held.add(store.store().find(NAME).isPresent());
              }
            });
    opened.add(leader);
    eventually(() -> lease.get() != null && leader.isLeader());
    lease.get().close();
    eventually(() -> store.store().find(NAME).isEmpty());
    assertThat(held).containsExactly(true);
  }

  @Test
  @DisplayName("W27 in an outage the leader is told that it leads no more, and after it one leads")
  void outage() throws Exception {
    LeaseStores.Outages outages = kind.outages(address);
    opened.add(outages);
    Leader leader =
        candidate("one", store(outages.address(), Duration.ofSeconds(1)), Duration.ofSeconds(3));
    eventually(() -> story.size() == 1);
    outages.begin();
    try {
      eventually(() -> story.size() == 2);
      eventually(() -> !leader.isLeader());
      assertThat(story).endsWith("one ends");
      eventually(() -> logs.at(Level.ERROR).size() == 1);
      assertThat(logs.at(Level.ERROR).get(0)).contains(NAME, "tries again every 20 ms");
    } finally {
      outages.end();
    }
    eventually(() -> story.size() == 3);
    assertThat(story).endsWith("one begins");
    assertThat(tokens.get(1)).isGreaterThan(tokens.get(0));
    assertThat(logs.at(Level.ERROR)).as("said once").hasSize(1);
  }

  @Test
  @DisplayName("W27 when the leases are closed a leader has ended before its lease is released")
  void leasesClose() {
    LeaseStores.Opened store = store();
    var leases = Leases.of(Parts.of(store.store()));
    opened.add(leases);
    var held = new CopyOnWriteArrayList<Boolean>();
    Leader leader =
        Leader.start(
            leases,
            NAME,
            new Leader.Listener() {
              @Override
              public void begin(HeldLease lease) {
                story.add("begins");
              }

              @Override
              public void end() {
                held.add(store.store().find(NAME).isPresent());
              }
            });
    opened.add(leader);
    eventually(() -> story.size() == 1);
    leases.close();
    assertThat(held).containsExactly(true);
    assertThat(leader.isLeader()).isFalse();
    assertThat(store.store().find(NAME)).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> Leader.start(leases, NAME, new NoListener()))
        .withMessageContaining("closed");
  }

  @Test
  @DisplayName("W27 a leader closes at once, however seldom it asks for the lease")
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void closesAtOnce() {
    var leases =
        Leases.builder(Parts.of(store().store())).pollInterval(Duration.ofHours(1)).build();
    opened.add(leases);
    Leader leader = Leader.start(leases, NAME, new NoListener());
    eventually(leader::isLeader);
    leader.close();
    assertThat(leader.isLeader()).isFalse();
  }

  @Test
  @DisplayName("W27 a leader that closes its own lease ends, and is a candidate again")
  void closesItsLease() {
    candidate("one", store(), LONG);
    eventually(() -> story.size() == 1);
    last.get().close();
    eventually(() -> story.size() >= 3);
    assertThat(List.copyOf(story).subList(0, 3))
        .containsExactly("one begins", "one ends", "one begins");
  }

  @Test
  @DisplayName("bad input is refused")
  void badInput() {
    var leases = Leases.of(Parts.of(store().store()));
    opened.add(leases);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Leader.start(leases, "", new NoListener()))
        .withMessageContaining("lease name");
  }

  private static final class NoListener implements Leader.Listener {
    @Override
    public void begin(HeldLease lease) {}

    @Override
    public void end() {}
  }
}
