package dev.lease.jdbc;

import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.StepTransaction;
import java.sql.Connection;

/** Runs steps in a transaction that the caller has begun, and ends. */
record CallersSteps(CallersTransaction transaction, Connection connection)
    implements StepTransaction<Connection> {

  @Override
  public String run(JobLease lease, String step, Work<Connection, String> work) throws Exception {
    Limits.notNull("work", work);
    return transaction.step(connection, lease, step, () -> work.run(connection));
  }

  @Override
  public boolean commits() {
    return false;
  }
}
