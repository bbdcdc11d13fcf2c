package dev.lease.examples.orderbot;

import dev.lease.Job;
import dev.lease.examples.shared.Failure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/**
 * Draws the faults of a soak, in rounds that try each kind once, and records them. Of the faults
 * that last, half are over long before a lease expires, and excuse nothing; the others outlast it.
 */
final class SoakFaults implements AutoCloseable {

  private static final int WORKERS = 3;

  /** At most this many workers have a fault of their own; the others go on. */
  private static final int MOST_TROUBLED = 2;

  private static final int LONGEST_PAUSE_MILLIS = 3_000;
  private static final int LONGEST_DELAY_MILLIS = 40;
  private static final int LOCK_PATIENCE_SECONDS = 5;
  private static final int LOOK_MILLIS = 50;
  private static final Duration START = Duration.ofMinutes(2);

  private interface Undo {
    void run() throws IOException, InterruptedException, SQLException;
  }

  private record Lasting(
      Fault fault, String worker, String order, Instant from, Instant until, Undo undo) {}

  private final SoakServer server;
  private final Fleet fleet;
  private final WorkerLogs logs;
  private final Duration lease;
  private final Random random;
  private final PrintStream out;
  private final SoakNetwork network;
  private final Optional<Path> faketime;
  private final Path clockFiles;
  private final Map<String, WrongClock> clocks = new HashMap<>();
  private final List<Fault> possible;
  private final List<Fault> round = new ArrayList<>();
  private final List<Lasting> lasting = new ArrayList<>();
  private final Map<String, Instant> calmSince = new HashMap<>();
  private final List<Trouble> troubles = new ArrayList<>();
  private Instant next = Instant.now();

  SoakFaults(
      SoakServer server,
      Fleet fleet,
      WorkerLogs logs,
      Duration lease,
      Random random,
      Path directory,
      PrintStream out) {
    this.server = server;
    this.fleet = fleet;
    this.logs = logs;
    this.lease = lease;
    this.random = random;
    this.out = out;
    this.network = new SoakNetwork(server.store());
    this.faketime = server.store().isFile() ? Optional.empty() : WrongClock.library();
    this.clockFiles = directory;
    this.possible = possible();
    out.println("Possible faults: " + possible);
    if (faketime.isEmpty()) {
      out.println(
          server.store().isFile()
              ? "No worker has a wrong clock: the store is a file, with the clock of its writers."
              : "No worker has a wrong clock: faketime is not installed.");
    }
  }

  private List<Fault> possible() {
    List<Fault> faults = new ArrayList<>(List.of(Fault.KILL, Fault.SUSPEND));
    if (network.isThere()) {
      faults.addAll(List.of(Fault.CUT, Fault.SLOW, Fault.SILENCE));
    }
    if (!server.store().isRedis()) {
      faults.add(Fault.LOCK);
    }
    if (server.process() != null) {
      faults.add(Fault.RESTART);
    }
    if (faketime.isPresent()) {
      faults.add(Fault.JUMP);
    }
    return faults;
  }

  List<Trouble> troubles() {
    return List.copyOf(troubles);
  }

  /** Starts the workers, and returns when they take jobs. */
  void startWorkers() throws IOException, InterruptedException {
    for (int i = 0; i < WORKERS; i++) {
      startWorker();
    }
    Instant deadline = Instant.now().plus(START);
    while (!fleet.workers().stream().allMatch(logs::isAtWork)) {
      if (Instant.now().isAfter(deadline)) {
        throw new IOException("not all workers have started; see their logs");
      }
      Thread.sleep(LOOK_MILLIS);
      logs.read();
    }
    next = Instant.now();
  }

  private void startWorker() throws IOException {
    SoakNetwork.Way way = network.newWay();
    Optional<WrongClock> clock = newClock();
    Map<String, String> environment = clock.map(WrongClock::environment).orElse(Map.of());
    String worker = fleet.startWorker(way.store(), environment);
    network.belongsTo(worker, way);
    clock.ifPresent(its -> clocks.put(worker, its));
    if (clock.filter(WrongClock::isWrong).isPresent()) {
      note(Fault.CLOCK, worker, Trouble.ANY, Instant.now());
    }
  }

  /** The clock of a worker that is about to start; the first one is wrong. */
  private Optional<WrongClock> newClock() throws IOException {
    if (faketime.isEmpty()) {
      return Optional.empty();
    }
    Path file = clockFiles.resolve("clock-" + (clocks.size() + 1));
    boolean isWrong = clocks.isEmpty() || random.nextBoolean();
    return Optional.of(new WrongClock(faketime.get(), file, isWrong ? anHour() : 0));
  }

  private int anHour() {
    return random.nextBoolean() ? 1 : -1;
  }

  /** Ends the faults that have lasted long enough, and begins the next one when it is due. */
  void advance() throws IOException, InterruptedException, SQLException {
    Instant now = Instant.now();
    for (Lasting over : lasting.stream().filter(each -> each.until().isBefore(now)).toList()) {
      end(over);
    }
    if (now.isAfter(next)) {
      begin(draw());
      next = Instant.now().plusMillis(random.nextInt(LONGEST_PAUSE_MILLIS));
    }
  }

  private Fault draw() {
    if (round.isEmpty()) {
      round.addAll(possible);
      Collections.shuffle(round, random);
    }
    return round.remove(0);
  }

  /** Ends all faults that last. */
  void heal() throws IOException, InterruptedException, SQLException {
    for (Lasting each : List.copyOf(lasting)) {
      end(each);
    }
  }

  private void begin(Fault fault) throws IOException, InterruptedException, SQLException {
    Optional<String> worker = calmWorker();
    switch (fault) {
      case LOCK -> lock();
      case RESTART -> restart();
      case JUMP -> jump();
      case KILL -> {
        if (worker.isPresent()) {
          kill(worker.get());
        }
      }
      case SUSPEND -> {
        if (worker.isPresent() && !isFileLocked()) {
          suspend(worker.get());
        }
      }
      case CUT -> {
        if (worker.isPresent()) {
          network.of(worker.get()).cut();
          note(fault, worker.get(), Trouble.ANY, Instant.now());
        }
      }
      case SLOW, SILENCE -> {
        if (worker.isPresent()) {
          disturb(fault, worker.get());
        }
      }
      case CLOCK, STALL -> throw new IllegalStateException("not a fault to be drawn: " + fault);
    }
  }

  private void kill(String worker) throws IOException, InterruptedException {
    Instant at = Instant.now();
    fleet.kill(worker);
    note(Fault.KILL, worker, Trouble.ANY, at);
    startWorker();
  }

  private void suspend(String worker) throws IOException, InterruptedException {
    Instant from = Instant.now();
    fleet.suspend(worker);
    last(Fault.SUSPEND, worker, Trouble.ANY, from, () -> fleet.resume(worker));
  }

  private void disturb(Fault fault, String worker) {
    if (fault == Fault.SLOW) {
      network.of(worker).delay(Duration.ofMillis(1 + random.nextInt(LONGEST_DELAY_MILLIS)));
    } else {
      network.of(worker).blackHole();
    }
    last(fault, worker, Trouble.ANY, Instant.now(), () -> network.of(worker).heal());
  }

  private void lock() throws SQLException {
    List<Job> held = fleet.held();
    boolean isBusy = lasting.stream().anyMatch(each -> each.fault() == Fault.LOCK);
    if (isBusy || held.isEmpty()) {
      return;
    }
    Job job = held.get(random.nextInt(held.size()));
    boolean isFile = server.store().isFile();
    Instant from = Instant.now();
    Connection connection = DriverManager.getConnection(server.store().url());
    try {
      if (isFile) {
        lockFile(connection);
      } else {
        lockRow(connection, job);
      }
      last(Fault.LOCK, Trouble.ANY, isFile ? Trouble.ANY : job.id(), from, connection::close);
    } catch (SQLException e) {
      // Others write all the time.
      out.println("Could not lock " + job.id() + ": " + Failure.inWords(e));
      connection.close();
    }
  }

  private static void lockFile(Connection connection) throws SQLException {
    try (Statement begin = connection.createStatement()) {
      begin.execute("begin immediate");
    }
  }

  private static void lockRow(Connection connection, Job job) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement lock =
        connection.prepareStatement(
            "select 1 from lease_job where queue = ? and id = ? for update")) {
      lock.setQueryTimeout(LOCK_PATIENCE_SECONDS);
      lock.setString(1, job.queue());
      lock.setString(2, job.id());
      lock.execute();
    }
  }

  /** Whether the store is a file, and a fault has locked it. */
  boolean isFileLocked() {
    return server.store().isFile() && lasting.stream().anyMatch(each -> each.fault() == Fault.LOCK);
  }

  private void restart() throws IOException, InterruptedException, SQLException {
    for (Lasting each : List.copyOf(lasting)) {
      if (each.fault() == Fault.LOCK) {
        // The lock ends with the server.
        end(each);
      }
    }
    Instant from = Instant.now();
    Objects.requireNonNull(server.process()).restart();
    note(Fault.RESTART, Trouble.ANY, Trouble.ANY, from);
  }

  /** Also hits a worker with another fault: it may wake up at another time. */
  private void jump() throws IOException {
    List<String> atWork = fleet.workers().stream().filter(logs::isAtWork).toList();
    if (!atWork.isEmpty()) {
      String worker = atWork.get(random.nextInt(atWork.size()));
      WrongClock clock = Objects.requireNonNull(clocks.get(worker), worker);
      clock.set(clock.isWrong() ? 0 : anHour());
      note(Fault.JUMP, worker, Trouble.ANY, Instant.now());
    }
  }

  /** A worker without a fault for a lease duration; none if too many workers have one. */
  private Optional<String> calmWorker() {
    Instant aLeaseAgo = Instant.now().minus(lease);
    List<String> calm =
        fleet.workers().stream()
            .filter(logs::isAtWork)
            .filter(worker -> lasting.stream().noneMatch(each -> each.worker().equals(worker)))
            .filter(worker -> calmSince.getOrDefault(worker, Instant.EPOCH).isBefore(aLeaseAgo))
            .toList();
    return fleet.workers().size() - calm.size() >= MOST_TROUBLED
        ? Optional.empty()
        : Optional.of(calm.get(random.nextInt(calm.size())));
  }

  private void last(Fault fault, String worker, String order, Instant from, Undo undo) {
    long millis = lease.toMillis();
    long length =
        random.nextBoolean() ? random.nextLong(millis / 4) : millis + random.nextLong(millis);
    lasting.add(new Lasting(fault, worker, order, from, from.plusMillis(length), undo));
  }

  private void end(Lasting over) throws IOException, InterruptedException, SQLException {
    lasting.remove(over);
    try {
      over.undo().run();
    } finally {
      note(over.fault(), over.worker(), over.order(), over.from());
    }
  }

  private void note(Fault fault, String worker, String order, Instant from) {
    Trouble trouble = new Trouble(fault, worker, order, from, Instant.now());
    troubles.add(trouble);
    // A clock changes at once, and keeps a worker from nothing.
    if (fault != Fault.CLOCK && fault != Fault.JUMP) {
      calmSince.put(worker, trouble.to());
    }
    out.println(trouble);
  }

  @Override
  public void close() {
    network.close();
  }
}
