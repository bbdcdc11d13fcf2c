package dev.lease.jdbc;

import dev.lease.Enqueued;
import dev.lease.GraphAnswer;
import dev.lease.GraphPiece;
import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The calls that work in a transaction of the caller's. None of them commits or rolls back. */
final class CallersTransaction {

  private final Database database;
  private final JobOperations operations;
  private final Fences fences;
  private final Hints hints;
  private final @Nullable GraphStore graphs;

  CallersTransaction(
      Database database,
      JobOperations operations,
      Fences fences,
      Hints hints,
      @Nullable GraphStore graphs) {
    this.graphs = graphs;
    this.database = database;
    this.operations = operations;
    this.fences = fences;
    this.hints = hints;
  }

  List<Enqueued> enqueue(Connection connection, List<NewJob> jobs) {
    List<NewJob> batch = operations.accepted(jobs);
    checkTransaction(connection);
    if (batch.isEmpty()) {
      return List.of();
    }
    List<Enqueued> enqueued =
        database.within(
            "enqueue", connection, session -> operations.enqueueForCaller(session, batch));
    hints.signalOnCommit(
        IntStream.range(0, batch.size())
            .filter(i -> enqueued.get(i).created())
            .mapToObj(batch::get)
            .toList());
    return enqueued;
  }

  GraphAnswer enqueue(Connection connection, GraphPiece piece) {
    Limits.notNull("piece", piece);
    if (graphs == null) {
      throw new UnsupportedOperationException(
          "no graphs on " + database.dialect().name() + ": see Capability.GRAPHS");
    }
    checkTransaction(connection);
    GraphAnswer answer =
        database.within(
            "store a piece of a graph", connection, session -> graphs.addForCaller(session, piece));
    if (answer.kind() == GraphAnswer.Kind.STORED && piece.total() != null) {
      hints.signalOnCommit(piece);
    }
    return answer;
  }

  void settle(Connection connection, Settlement settlement) {
    List<Settlement> batch =
        Settlement.batch(
            List.of(Limits.notNull("settlement", settlement)), JobOperations.SETTLEMENTS);
    checkTransaction(connection);
    List<Settlement.Result> results =
        database.within(
            "settle",
            connection,
            session -> operations.settle(session, batch, LockWait.LONG, false));
    if (results.get(0) == Settlement.Result.LOST) {
      throw lost("settle", settlement.lease());
    }
  }

  String checkpoint(Connection connection, JobLease lease, String step, String value) {
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.text("checkpoint", value);
    checkTransaction(connection);
    return write(connection, lease, step, value);
  }

  String step(Connection connection, JobLease lease, String step, Callable<String> work)
      throws Exception {
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.notNull("work", work);
    checkTransaction(connection);
    Optional<String> known = lockAndFind(connection, lease, step);
    if (known.isPresent()) {
      return known.get();
    }
    String value = Limits.text("the value of step " + step, work.call());
    // The work must not end the transaction, but it may have done so.
    checkTransaction(connection);
    return write(connection, lease, step, value);
  }

  /** Locks the job until the transaction ends, and reads the value of the step, if it has one. */
  private Optional<String> lockAndFind(Connection connection, JobLease lease, String step) {
    return database.within(
        "look for a step",
        connection,
        session -> {
          if (!operations.lockHeld(session, lease)) {
            throw lost("run a step of", lease);
          }
          return operations.value(session, lease, step);
        });
  }

  private String write(Connection connection, JobLease lease, String step, String value) {
    return database
        .within(
            "write a checkpoint",
            connection,
            session -> operations.checkpoint(session, lease, step, value))
        .orElseThrow(() -> lost("write a checkpoint of", lease));
  }

  void fence(Connection connection, FencedHolder holder) {
    checkTransaction(connection);
    fences.pass(connection, holder);
  }

  private static LeaseLostException lost(String what, JobLease lease) {
    return new LeaseLostException(
        "could not %s job %s of queue %s: the lease with token %d is lost"
            .formatted(what, lease.jobId(), lease.queue(), lease.token()));
  }

  private void checkTransaction(Connection connection) {
    database.checkOpen();
    try {
      if (connection.getAutoCommit()) {
        throw new IllegalArgumentException(
            "the connection must be in a transaction, but is in auto-commit mode");
      }
    } catch (SQLException e) {
      throw StoreException.notDone("could not use the connection: " + Database.reason(e), e);
    }
  }
}
