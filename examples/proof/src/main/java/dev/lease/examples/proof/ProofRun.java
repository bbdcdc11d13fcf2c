package dev.lease.examples.proof;

import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.examples.orderbot.Store;
import dev.lease.worker.JobClient;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Strikes a worker at every point of one way, one job for each point, while another worker stands
 * by.
 */
final class ProofRun implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(10);

  private final Instant start = Instant.now();
  private final ProofSetup setup;
  private final String queue;
  private final Store store;
  private final ProofWorld world;
  private final ProofWorkers workers;

  ProofRun(ProofSetup setup) throws IOException {
    this.setup = setup;
    this.queue = setup + "-" + start;
    this.store = Store.open(setup.store());
    this.world = new ProofWorld(attemptsAtOnce());
    this.workers =
        new ProofWorkers(
            setup.program(),
            setup.store(),
            ProofProcessOptions.of(queue, world, setup.lease(), "--way=" + setup.way().name()),
            setup.directory().resolve(setup + ".log"));
  }

  /** How many attempts at a job wait at its point at the same time. */
  private int attemptsAtOnce() {
    return setup.strike() == ProofStrike.MEET ? 2 : 1;
  }

  ProofResult strikeEverywhere() throws IOException, InterruptedException, SQLException {
    boolean inDatabase = setup.way().isInDatabase(setup.store());
    if (inDatabase) {
      inDatabase(ProofTable::create);
    }
    // One more, so that no attempt has to wait for a worker to start.
    for (int i = 0; i <= attemptsAtOnce(); i++) {
      workers.start();
    }
    List<Struck> struck = new ArrayList<>();
    for (ProofPoint point : setup.points()) {
      struck.add(strikeAt(point));
    }
    for (ProofPoint point : setup.points()) {
      await(() -> isDone(point), "the job of '" + point + "' is done");
    }
    // By then, the suspended workers have done what they had left to do.
    workers.close();
    if (inDatabase) {
      inDatabase(connection -> ProofTable.read(connection, queue, world.effects()));
    }
    List<ProofResult.Point> points = struck.stream().map(this::judge).toList();
    return new ProofResult(
        setup.way(), setup.strike(), points, Duration.between(start, Instant.now()));
  }

  /**
   * A worker that was struck.
   *
   * @param reached the point
   * @param disturbed whether it changed the job while another worker held it
   */
  private record Struck(ProofWorld.Reached reached, boolean disturbed) {}

  private Struck strikeAt(ProofPoint point) throws IOException, InterruptedException {
    JobClient client = JobClient.of(store.backend());
    client.enqueue(client.job(ProofHandler.jobs(queue), point.name(), "").build());
    ProofWorld.Reached reached = awaitReached(point);
    boolean disturbed = false;
    switch (setup.strike()) {
      case KILL -> kill(reached);
      case STOP -> stop(reached);
      case MEET -> disturbed = meet(reached);
    }
    return new Struck(reached, disturbed);
  }

  private ProofWorld.Reached awaitReached(ProofPoint point) throws InterruptedException {
    ProofWorld.Reached reached = await(world::next, "a worker is at '" + point + "'");
    if (!reached.point().equals(point)) {
      throw new IllegalStateException(
          "%s: %s is at '%s', not at '%s'"
              .formatted(setup, reached.worker(), reached.point(), point));
    }
    return reached;
  }

  private void kill(ProofWorld.Reached reached) throws IOException, InterruptedException {
    workers.kill(reached.worker());
    world.open(reached);
    workers.start();
  }

  private void stop(ProofWorld.Reached reached) throws IOException, InterruptedException {
    ProofPoint point = reached.point();
    if (setup.way().holds(point, setup.store())) {
      workers.stop(reached.worker());
      await(() -> isTakenOrExpired(reached), "the lease of '" + point + "' has expired");
    } else {
      stopBetweenWrites(reached.worker());
      await(() -> isDone(point), "another worker has done the job of '" + point + "'");
    }
    workers.go(reached.worker());
    world.open(reached);
  }

  /** Answers whether the suspended worker changed the job of the other one. */
  private boolean meet(ProofWorld.Reached reached) throws IOException, InterruptedException {
    stopBetweenWrites(reached.worker());
    ProofWorld.Reached other = awaitReached(reached.point());
    JobLease lease = job(reached.point()).lease();
    workers.go(reached.worker());
    world.open(reached);
    // Once its process has ended, it has sent everything that it had to send.
    workers.end(reached.worker());
    Job job = job(reached.point());
    world.open(other);
    workers.start();
    return lease != null && !isStillHeld(job, lease) && !hasExpired(lease);
  }

  private static boolean isStillHeld(Job job, JobLease lease) {
    return job.state() == JobState.PROCESSING && job.token() == lease.token();
  }

  /** On a machine that stands still, the other worker may have lost its lease by itself. */
  private boolean hasExpired(JobLease lease) {
    return store.jobAdmin().failedAttempts(queue, lease.jobId()).stream()
        .anyMatch(
            attempt ->
                attempt.token() == lease.token()
                    && attempt.error().equals(Limits.LEASE_EXPIRED)
                    && !attempt.at().isBefore(lease.expiresAt()));
  }

  /** Another thread of the worker may be in the middle of a write, and hold the file's lock. */
  private void stopBetweenWrites(String worker) throws IOException, InterruptedException {
    workers.stop(worker);
    while (Store.isFileLocked(setup.store())) {
      workers.go(worker);
      workers.stop(worker);
    }
  }

  /** Whether another worker has the job, or all have had time to ask for it since its expiry. */
  private boolean isTakenOrExpired(ProofWorld.Reached reached) {
    Job job = job(reached.point());
    JobLease lease = job.lease();
    Duration half = setup.lease().dividedBy(2);
    return job.token() > reached.token()
        || (lease != null && job.asOf().isAfter(lease.expiresAt().plus(half)));
  }

  private ProofResult.Point judge(Struck struck) {
    Job job = job(struck.reached().point());
    ProofEffects effects = world.effects();
    return new ProofResult.Point(
        struck.reached().point(),
        job.token() > struck.reached().token(),
        job.attempts(),
        struck.disturbed(),
        effects.missing(job.id()),
        effects.doubled(job.id()),
        effects.stale(job.id()));
  }

  private boolean isDone(ProofPoint point) {
    return job(point).state() == JobState.DONE;
  }

  private Job job(ProofPoint point) {
    return store.jobQueue().find(queue, point.name()).orElseThrow();
  }

  private void await(BooleanSupplier condition, String what) throws InterruptedException {
    await(() -> condition.getAsBoolean() ? true : null, what);
  }

  private <T> T await(Supplier<@Nullable T> found, String what) throws InterruptedException {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (true) {
      T there = found.get();
      if (there != null) {
        return there;
      }
      workers.checkAlive();
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
