package dev.lease.examples.orderbot;

import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.worker.JobClient;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Strikes a worker at every point of one way, a job and a point at a time, while another worker is
 * there to go on.
 */
final class ProofRun implements AutoCloseable {

  private static final int WORKERS = 2;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(10);

  private final Instant start = Instant.now();
  private final Setup setup;
  private final String queue;
  private final Store store;
  private final ProofWorld world;
  private final ProofWorkers workers;

  /**
   * What does not change.
   *
   * @param store where the jobs are
   * @param way how effects are kept from being made twice
   * @param strike what befalls the workers
   * @param lease how long leases last
   * @param directory where logs go
   */
  record Setup(StoreName store, ProofWay way, ProofStrike strike, Duration lease, Path directory) {

    @Override
    public String toString() {
      return "proof-" + way.name() + "-" + strike;
    }
  }

  ProofRun(Setup setup) throws IOException {
    this.setup = setup;
    this.queue = setup + "-" + start;
    this.store = Store.open(setup.store());
    this.world = new ProofWorld();
    this.workers = new ProofWorkers(setup, queue, world.url());
  }

  ProofResult strikeEverywhere() throws IOException, InterruptedException, SQLException {
    boolean inDatabase = setup.way().isInDatabase(setup.store());
    if (inDatabase) {
      inDatabase(ProofTable::create);
    }
    for (int i = 0; i < WORKERS; i++) {
      workers.start();
    }
    List<ProofWorld.Reached> struck = new ArrayList<>();
    for (ProofPoint point : setup.way().points()) {
      struck.add(strikeAt(point));
    }
    for (ProofPoint point : setup.way().points()) {
      await(() -> isDone(point), "the job of '" + point + "' is done");
    }
    // Whoever was stopped has had its say then.
    workers.close();
    if (inDatabase) {
      inDatabase(connection -> ProofTable.read(connection, queue, world.effects()));
    }
    List<ProofResult.Point> points = struck.stream().map(this::judge).toList();
    return new ProofResult(
        setup.way(), setup.strike(), points, Duration.between(start, Instant.now()));
  }

  private ProofWorld.Reached strikeAt(ProofPoint point) throws IOException, InterruptedException {
    JobClient client = new JobClient(store.jobQueue());
    client.enqueue(client.job(ProofHandler.jobs(queue), point.name(), "").build());
    ProofWorld.Reached reached = world.await(PATIENCE);
    if (reached == null || !reached.point().equals(point)) {
      throw new IllegalStateException(setup + ": no worker has reached '" + point + "'");
    }
    switch (setup.strike()) {
      case KILL -> kill(reached);
      case STOP -> stop(reached);
    }
    return reached;
  }

  private void kill(ProofWorld.Reached reached) throws IOException, InterruptedException {
    workers.kill(reached.worker());
    world.open(reached.point());
    workers.start();
  }

  private void stop(ProofWorld.Reached reached) throws IOException, InterruptedException {
    ProofPoint point = reached.point();
    boolean holds = setup.way().holds(point, setup.store());
    workers.signal("STOP", reached.worker());
    // Another thread of the worker may be in the middle of a write, and have the whole file.
    while (!holds && ProofTable.isLocked(setup.store())) {
      workers.signal("CONT", reached.worker());
      workers.signal("STOP", reached.worker());
    }
    if (holds) {
      await(() -> Jobs.isExpired(job(point)), "the lease of '" + point + "' has run out");
    } else {
      await(() -> isDone(point), "another has done the job of '" + point + "'");
    }
    workers.signal("CONT", reached.worker());
    world.open(point);
  }

  private ProofResult.Point judge(ProofWorld.Reached struck) {
    boolean taken = job(struck.point()).token() > struck.token();
    return ProofResult.Point.of(struck.point(), taken, world.effects());
  }

  private boolean isDone(ProofPoint point) {
    return job(point).state() == JobState.DONE;
  }

  private Job job(ProofPoint point) {
    return store.jobQueue().find(queue, point.name()).orElseThrow();
  }

  private void await(BooleanSupplier condition, String what) throws InterruptedException {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(deadline)) {
        throw new IllegalStateException(setup + ": not within " + PATIENCE + ": " + what);
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }

  private interface Work {
    void run(Connection connection) throws SQLException;
  }

  private void inDatabase(Work work) throws SQLException {
    try (HikariDataSource database = ProofTable.open(setup.store());
        Connection connection = database.getConnection()) {
      work.run(connection);
    }
  }

  @Override
  public void close() {
    workers.close();
    world.close();
    store.close();
  }
}
