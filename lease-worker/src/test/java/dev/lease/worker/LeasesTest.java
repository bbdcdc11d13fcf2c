package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Named leases of two processes, each with a backend object of its own. */
@ParameterizedClass(name = "{0}")
@EnumSource
class LeasesTest {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Duration FAR = Duration.ofHours(1);

  @Parameter LeaseStores kind;

  private String address = "";
  private LeaseStores.Opened one;
  private LeaseStores.Opened two;
  private Leases leases;
  private Leases others;
  private final Logs logs = new Logs();

  @BeforeEach
  @SuppressWarnings("NullAway") // The parameter is there.
  void open() {
    address = kind.newAddress();
    one = kind.open(address, LeaseStores.PATIENCE);
    two = kind.open(address, LeaseStores.PATIENCE);
    leases = Leases.builder(Parts.of(one.store())).owner("one").leaseDuration(FAR).build();
    others = Leases.builder(Parts.of(two.store())).owner("two").leaseDuration(FAR).build();
  }

  @AfterEach
  void close() {
    leases.close();
    others.close();
    logs.close();
    one.close();
    two.close();
    await().atMost(LONG).untilAsserted(() -> assertThat(threadsOfLeases()).isEmpty());
  }

  private static List<String> threadsOfLeases() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.matches("lease-(keeper|renewal|lost|leader)-.*"))
        .toList();
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(LONG).pollInterval(Duration.ofMillis(2)).until(condition);
  }

  @Test
  @DisplayName("W25 work runs under a lease that nobody else can take, and that is free afterwards")
  void runs() throws Exception {
    var token = new AtomicLong();
    boolean ran =
        leases.tryRun(
            "nightly",
            lease -> {
              token.set(lease.token());
              assertThat(lease.name()).isEqualTo("nightly");
              assertThat(lease.isHeld()).isTrue();
              lease.checkHeld();
              assertThat(others.tryAcquire("nightly")).isEmpty();
              assertThat(others.tryRun("nightly", no -> assertThat(no).isNull())).isFalse();
              assertThat(leases.tryAcquire("nightly")).as("not re-entrant").isEmpty();
            });
    assertThat(ran).isTrue();
    try (HeldLease next = others.tryAcquire("nightly").orElseThrow()) {
      assertThat(next.token()).isGreaterThan(token.get());
      assertThat(next.lease().owner()).isEqualTo("two");
    }
    assertThat(two.store().find("nightly")).isEmpty();
  }

  @Test
  @DisplayName("W25 a lease is kept for longer than its duration, and its token stays")
  void kept() {
    var soon = Leases.builder(Parts.of(one.store())).leaseDuration(Duration.ofSeconds(2)).build();
    try (soon;
        HeldLease lease = soon.tryAcquire("kept").orElseThrow()) {
      Instant end = lease.lease().expiresAt();
      long token = lease.token();
      eventually(() -> lease.lease().asOf().isAfter(end));
      assertThat(lease.isHeld()).isTrue();
      assertThat(lease.token()).isEqualTo(token);
      assertThat(two.store().find("kept")).map(Lease::token).contains(token);
    }
    assertThat(logs.at(Level.WARN)).isEmpty();
  }

  @Test
  @DisplayName("W25 the lease is released when the work throws, and the caller gets what it threw")
  void workThrows() {
    var failure = new IOException("no");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                leases.tryRun(
                    "thrown",
                    lease -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(two.store().find("thrown")).isEmpty();
  }

  @Test
  @DisplayName("W25 a lease is released by an interrupted thread too, and the interrupt stays")
  void interrupted() {
    HeldLease lease = leases.tryAcquire("interrupted").orElseThrow();
    Thread.currentThread().interrupt();
    lease.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(two.store().find("interrupted")).isEmpty();
    lease.close();
    assertThat(lease.isHeld()).isFalse();
    assertThatIllegalStateException().isThrownBy(lease::checkHeld).withMessageContaining("closed");
  }

  @Test
  @DisplayName("W25 a name stays taken for as long as was asked for, though the work is done")
  void atLeast() throws Exception {
    assertThat(leases.tryRun("at least", FAR.multipliedBy(2), lease -> {})).isTrue();
    assertThat(others.tryRun("at least", lease -> {})).isFalse();
    assertThat(two.store().find("at least").orElseThrow().remaining()).isGreaterThan(FAR);

    assertThat(leases.tryRun("short", Duration.ofMillis(1), lease -> Thread.sleep(2))).isTrue();
    assertThat(others.tryRun("short", lease -> {})).isTrue();
  }

  @Test
  @DisplayName("W26 a holder is told once when the store says that its lease is lost")
  void lost() throws Exception {
    var soon = Leases.builder(Parts.of(one.store())).leaseDuration(Duration.ofSeconds(2)).build();
    try (soon) {
      HeldLease lease = soon.tryAcquire("lost").orElseThrow();
      var told = new AtomicInteger();
      lease.onLost(told::incrementAndGet);
      HeldLease other = takeAway(lease);
      eventually(() -> told.get() == 1);
      assertThat(lease.isHeld()).isFalse();
      assertThatExceptionOfType(LeaseLostException.class).isThrownBy(lease::checkHeld);
      var late = new CountDownLatch(1);
      lease.onLost(late::countDown);
      assertThat(late.await(2, TimeUnit.MINUTES)).isTrue();
      lease.close();
      assertThat(other.isHeld()).isTrue();
      assertThat(two.store().find("lost")).map(Lease::token).contains(other.token());
      assertThat(told).hasValue(1);
      eventually(() -> !logs.at(Level.WARN).isEmpty());
      assertThat(logs.at(Level.WARN))
          .singleElement()
          .asString()
          .contains("lost (token " + lease.token() + ") is lost: the store refused to renew it");
    }
  }

  @Test
  @DisplayName("W26 work is interrupted when its lease is lost, and the caller is told")
  void workLosesLease() {
    var soon = Leases.builder(Parts.of(one.store())).leaseDuration(Duration.ofSeconds(2)).build();
    try (soon) {
      var failure = new AtomicReference<Exception>();
      assertThatExceptionOfType(LeaseLostException.class)
          .isThrownBy(
              () ->
                  soon.tryRun(
                      "work",
                      lease -> {
                        takeAway(lease);
                        try {
                          new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                          failure.set(e);
                          throw e;
                        }
                      }))
          .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(failure.get()));
      assertThat(Thread.interrupted()).as("an interrupt is left").isFalse();
    }
  }

  /** As a clock that went wrong, or an operator, would do it. */
  private HeldLease takeAway(HeldLease lease) {
    assertThat(one.store().release(lease.lease())).isTrue();
    return others.tryAcquire(lease.name()).orElseThrow();
  }

  @Test
  @DisplayName("W26 a wall clock that is set ahead costs no lease: the store is asked")
  void wallClock() {
    var ahead = new AtomicLong();
    var clock = new LocalClock(System::nanoTime, () -> System.currentTimeMillis() + ahead.get());
    var jumping = Leases.builder(Parts.of(one.store())).leaseDuration(FAR).build(clock);
    try (jumping;
        HeldLease lease = jumping.tryAcquire("wall clock").orElseThrow()) {
      Instant asOf = lease.lease().asOf();
      // The store's clock has milliseconds on SQLite.
      eventually(() -> one.store().find("wall clock").orElseThrow().asOf().isAfter(asOf));
      ahead.set(FAR.multipliedBy(2).toMillis());
      lease.checkHeld();
      assertThat(lease.lease().asOf()).isAfter(asOf);
      assertThat(lease.isHeld()).isTrue();
    }
  }

  @Test
  @DisplayName("W26 a lease whose time has run out here is lost, whatever the store says")
  void expiredHere() {
    var ahead = new AtomicLong();
    var clock = new LocalClock(() -> System.nanoTime() + ahead.get(), System::currentTimeMillis);
    var jumping = Leases.builder(Parts.of(one.store())).leaseDuration(FAR).build(clock);
    try (jumping) {
      HeldLease lease = jumping.tryAcquire("here").orElseThrow();
      var told = new CountDownLatch(1);
      lease.onLost(told::countDown);
      Instant end = two.store().find("here").orElseThrow().expiresAt();
      ahead.set(FAR.toNanos());
      assertThat(lease.isHeld()).isFalse();
      assertThatExceptionOfType(LeaseLostException.class).isThrownBy(lease::checkHeld);
      eventually(() -> told.getCount() == 0);
      assertThat(two.store().find("here").orElseThrow().expiresAt()).isEqualTo(end);
    }
  }

  @Test
  @DisplayName("W25 closing releases what is held, and nothing can be taken afterwards")
  void closed() {
    HeldLease lease = leases.tryAcquire("closed").orElseThrow();
    leases.close();
    leases.close();
    assertThat(lease.isHeld()).isFalse();
    assertThat(two.store().find("closed")).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> leases.tryAcquire("closed"))
        .withMessageContaining("closed");
    assertThat(two.store().find("closed")).isEmpty();
  }

  @Test
  @DisplayName("bad input is refused, with its name, its value and the rule")
  void badInput() {
    Leases.Builder builder = Leases.builder(Parts.of(one.store()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.leaseDuration(Duration.ofMillis(99)))
        .withMessageContainingAll("leaseDuration", "PT0.1S", "PT0.099S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.pollInterval(Duration.ZERO))
        .withMessageContainingAll("pollInterval", "PT0.001S", "PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.owner(""))
        .withMessageContaining("owner");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> leases.tryAcquire(" "))
        .withMessageContaining("lease name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> leases.tryRun("x", Duration.ofDays(366), lease -> {}))
        .withMessageContaining("atLeast");
  }

  @Tag("slow")
  @Test
  @DisplayName("W25 an outage that is shorter than the lease costs nothing")
  void shortOutage() throws Exception {
    try (LeaseStores.Outages outages = kind.outages(address);
        LeaseStores.Opened far = kind.open(outages.address(), Duration.ofSeconds(1));
        var soon =
            Leases.builder(Parts.of(far.store())).leaseDuration(Duration.ofSeconds(12)).build();
        HeldLease lease = soon.tryAcquire("outage").orElseThrow()) {
      outages.begin();
      try {
        eventually(() -> !logs.at(Level.WARN).isEmpty());
      } finally {
        outages.end();
      }
      eventually(() -> !logs.at(Level.INFO).isEmpty());
      assertThat(lease.isHeld()).isTrue();
      assertThat(logs.at(Level.WARN))
          .singleElement()
          .asString()
          .contains("could not be renewed")
          .containsPattern("tried again until the lease expires in \\d");
      assertThat(logs.at(Level.INFO)).singleElement().asString().contains("renewed again");
      assertThat(two.store().find("outage")).map(Lease::token).contains(lease.token());
    }
  }

  @Tag("slow")
  @Test
  @DisplayName("W26 in an outage that is longer than the lease the holder is told, and not renewed")
  void longOutage() throws Exception {
    try (LeaseStores.Outages outages = kind.outages(address);
        LeaseStores.Opened far = kind.open(outages.address(), Duration.ofSeconds(1));
        var soon =
            Leases.builder(Parts.of(far.store())).leaseDuration(Duration.ofSeconds(3)).build()) {
      HeldLease lease = soon.tryAcquire("outage").orElseThrow();
      var told = new CountDownLatch(1);
      lease.onLost(told::countDown);
      outages.begin();
      try {
        assertThat(told.await(2, TimeUnit.MINUTES)).isTrue();
        assertThat(lease.isHeld()).isFalse();
      } finally {
        outages.end();
      }
      eventually(
          () -> others.tryAcquire("outage").map(HeldLease::token).orElse(0L) > lease.token());
      assertThat(lease.isHeld()).isFalse();
      eventually(
          () ->
              logs.at(Level.WARN).stream()
                  .anyMatch(line -> line.contains("it could not be renewed in time")));
    }
  }

  /** Another process, which works under a lease until it is interrupted. */
  static final class Child {
    public static void main(String[] arguments) throws Exception {
      LeaseStores kind = LeaseStores.valueOf(arguments[0]);
      try (LeaseStores.Opened store = kind.open(arguments[1], LeaseStores.PATIENCE);
          var leases =
              Leases.builder(Parts.of(store.store()))
                  .leaseDuration(Duration.ofSeconds(3))
                  .build()) {
        leases.tryRun("suspended", Child::work);
      } catch (LeaseLostException e) {
        say("lost");
      }
    }

    private static void work(HeldLease lease) {
      say("held " + lease.token());
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        say("interrupted, " + lease.isHeld());
      }
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
      System.out.println("CHILD " + line);
    }
  }

  @Tag("slow")
  @Test
  @DisplayName(
      "W26 a process that was suspended for longer than its lease is told when it wakes up")
  void suspended() throws Exception {
    Process child =
        ChildJvm.of(Child.class, kind.name(), address)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var lines =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      long token = Long.parseLong(next(lines).substring("held ".length()));
      suspend(child);
      var other = new AtomicReference<HeldLease>();
      eventually(
          () -> {
            others.tryAcquire("suspended").ifPresent(other::set);
            return other.get() != null;
          });
      assertThat(other.get().token()).isGreaterThan(token);
      signal(child, "CONT");
      assertThat(next(lines)).isEqualTo("interrupted, false");
      assertThat(next(lines)).isEqualTo("lost");
      assertThat(other.get().isHeld()).isTrue();
      assertThat(two.store().find("suspended")).map(Lease::token).contains(other.get().token());
    } finally {
      child.destroyForcibly();
    }
  }

  /** While the process writes, SQLite lets nobody else write: then it goes on for a little. */
  private void suspend(Process child) throws Exception {
    try (LeaseStores.Opened brief = kind.open(address, Duration.ofSeconds(1))) {
      while (true) {
        signal(child, "STOP");
        try {
          brief.store().acquire("probe", "probe", FAR);
          return;
        } catch (StoreException e) {
          signal(child, "CONT");
        }
      }
    }
  }

  /** The next line that is not one of a logger. */
  private static String next(BufferedReader lines) throws IOException {
    while (true) {
      String line = lines.readLine();
      assertThat(line).as("the child said something").isNotNull();
      if (line.startsWith("CHILD ")) {
        return line.substring("CHILD ".length());
      }
    }
  }

  private static void signal(Process process, String signal) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start();
    assertThat(kill.waitFor()).isZero();
  }
}
