package dev.lease.examples.proof;

import dev.lease.Settlement;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobHandler;
import dev.lease.worker.JobType;
import dev.lease.worker.Step;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Charges, reserves, places and confirms, in one of the ways to make no effect twice, and announces
 * the points at which its worker may be struck.
 *
 * @param way how effects are made
 * @param world where effects are made, and points are announced
 * @param backend the store, if it is a database
 * @param dataSource connections to that database, if the way writes there
 */
record ProofHandler(
    ProofWay way, ProofClient world, @Nullable JdbcBackend backend, @Nullable DataSource dataSource)
    implements JobHandler<String> {

  /** How an effect is made. */
  private interface Effect {
    void make(String step) throws Exception;
  }

  static JobType<String> jobs(String queue) {
    return JobType.of(queue, "proof", String.class).withMaxCrashes(1_000).withMaxFailures(1_000);
  }

  @Override
  public void handle(String payload, JobContext job) throws Exception {
    switch (way) {
      case KEYS -> steps(job, step -> make(job, step, job.idempotencyKey(step), false));
      case STEPS -> steps(job, step -> make(job, step, null, false));
      case TRANSACTION -> transactions(job, db(backend), db(dataSource));
      case FENCE ->
          steps(
              job,
              dataSource == null
                  ? step -> make(job, step, null, true)
                  : step -> makeFenced(job, step, db(backend), dataSource));
      case NOTHING -> {
        for (String step : ProofWay.STEPS_OF_A_JOB) {
          struck(job, step, () -> make(job, step, null, false));
        }
      }
    }
  }

  private void steps(JobContext job, Effect effect) throws Exception {
    reach(job, ProofPoint.before(ProofWay.STEPS_OF_A_JOB.get(0)));
    for (String step : ProofWay.STEPS_OF_A_JOB) {
      job.step(step, () -> struck(job, step, () -> effect.make(step)));
      reach(job, ProofPoint.after(step));
    }
  }

  private void transactions(JobContext job, JdbcBackend store, DataSource database)
      throws Exception {
    List<String> steps = ProofWay.STEPS_OF_A_JOB.subList(0, ProofWay.STEPS_OF_A_JOB.size() - 1);
    reach(job, ProofPoint.before(steps.get(0)));
    for (String step : steps) {
      DataSource struck =
          Wrapped.beforeCommit(database, () -> reach(job, ProofPoint.beforeCommit(step)));
      job.step(
          Step.of(step, Boolean.class),
          store.steps(struck),
          connection -> {
            struck(job, step, () -> write(job, step, connection));
            return true;
          });
      reach(job, ProofPoint.after(step));
    }
    String last = ProofWay.STEPS_OF_A_JOB.get(steps.size());
    inTransaction(
        database,
        connection -> {
          struck(job, last, () -> write(job, last, connection));
          store.settle(connection, Settlement.done(job.lease()));
          reach(job, ProofPoint.beforeCommit(last));
        });
    reach(job, ProofPoint.after(last));
  }

  private void struck(JobContext job, String step, JobContext.Action effect) throws Exception {
    reach(job, ProofPoint.beforeEffect(step));
    effect.run();
    reach(job, ProofPoint.afterEffect(step));
  }

  private void make(JobContext job, String step, @Nullable String key, boolean fenced) {
    world.effect(new ProofWorld.Effect(job.jobId(), step, key, job.token(), fenced));
  }

  private void makeFenced(JobContext job, String step, JdbcBackend store, DataSource database)
      throws Exception {
    inTransaction(
        database,
        connection -> {
          store.fence(connection, job.lease(), job.jobId() + "/" + step);
          write(job, step, connection);
          reach(job, ProofPoint.beforeCommit(step));
        });
  }

  private static void write(JobContext job, String step, Connection connection)
      throws SQLException {
    ProofTable.add(connection, job.queue(), job.jobId(), step, job.token());
  }

  private interface Work {
    void run(Connection connection) throws Exception;
  }

  /** With plain JDBC, as a program without a library does it. */
  private static void inTransaction(DataSource database, Work work) throws Exception {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        work.run(connection);
        connection.commit();
      } catch (Throwable e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private void reach(JobContext job, ProofPoint point) {
    world.reach(point, job.jobId(), job.token());
  }

  private static <T> T db(@Nullable T part) {
    return Objects.requireNonNull(part, "the store is not a database");
  }
}
