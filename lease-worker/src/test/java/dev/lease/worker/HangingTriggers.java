package dev.lease.worker;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A database that sleeps in triggers when a statement changes the rows of one queue, or of one
 * named lease, for as long as the fault lasts.
 */
final class HangingTriggers implements Hang {

  /** A trigger looks so often whether the fault is over, as what it waits for is no row lock. */
  private static final String NAP = "0.05";

  private static final String CLAIMS = "new.expires_at <> 0 and new.token <> old.token";
  private static final String SETTLES = "old.expires_at <> 0 and new.expires_at = 0";
  private static final String EXTENDS =
      "old.expires_at <> 0 and new.expires_at > old.expires_at and new.token = old.token";

  private final boolean postgresql;

  /** Holds the lock that the triggers wait for. */
  private final Connection connection;

  private int mostAsleep;

  HangingTriggers(String url) {
    postgresql = url.startsWith("jdbc:postgresql:");
    try {
      connection = DriverManager.getConnection(url);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether a trigger can see this kind of call. */
  static boolean canHang(Call call) {
    return switch (call) {
      case CLAIM, SETTLE, EXTEND, PROGRESS, CHECKPOINT, ENQUEUE, ACQUIRE, RENEW, RELEASE -> true;
      default -> false;
    };
  }

  /** The name may end with a percent sign, and then means all that begin like it. */
  @Override
  public void begin(Call call, String name, Fault fault) throws SQLException {
    if (fault == Fault.NONE) {
      return;
    }
    switch (call) {
      case CLAIM -> onUpdate("lease_job", "queue", name, CLAIMS);
      case SETTLE -> onUpdate("lease_job", "queue", name, SETTLES);
      case EXTEND -> onUpdate("lease_job", "queue", name, EXTENDS);
      case PROGRESS -> onUpdate("lease_job", "queue", name, "new.progress_percent is not null");
      case CHECKPOINT -> on("insert", "lease_checkpoint", "queue", name, "1 = 1");
      case ENQUEUE -> on("insert", "lease_job", "queue", name, "1 = 1");
      case ACQUIRE -> {
        on("insert", "lease_lease", "name", name, "1 = 1");
        onUpdate("lease_lease", "name", name, CLAIMS);
      }
      case RENEW -> onUpdate("lease_lease", "name", name, EXTENDS);
      case RELEASE -> onUpdate("lease_lease", "name", name, SETTLES);
      default -> throw new IllegalArgumentException(call.toString());
    }
    execute(
        postgresql
            ? "select pg_advisory_lock(1)"
            : "select get_lock(concat('hang-', database()), 60)");
  }

  private void onUpdate(String table, String column, String name, String condition)
      throws SQLException {
    on("update", table, column, name, condition);
  }

  private void on(String event, String table, String column, String name, String condition)
      throws SQLException {
    String trigger = "hang_" + event;
    String hit = "new.%s like '%s' and %s".formatted(column, name, condition);
    if (postgresql) {
      execute(
          """
          create or replace function hang() returns trigger language plpgsql as $$
          begin
            while not pg_try_advisory_xact_lock_shared(1) loop
              perform pg_sleep(%s);
            end loop;
            return new;
          end $$
          """
              .formatted(NAP));
      execute(
          "create trigger %s before %s on %s for each row when (%s) execute function hang()"
              .formatted(trigger, event, table, hit));
    } else {
      execute(
          """
          create trigger %s before %s on %s for each row
          if %s then
            while is_free_lock(concat('hang-', database())) = 0 do
              do sleep(%s);
            end while;
          end if
          """
              .formatted(trigger, event, table, hit, NAP));
    }
  }

  @Override
  public void end() throws SQLException {
    caught();
    execute(
        postgresql
            ? "select pg_advisory_unlock_all()"
            : "select release_lock(concat('hang-', database()))");
  }

  /** How many statements were seen asleep at once, at most. */
  @Override
  public synchronized int caught() throws SQLException {
    String asleep =
        postgresql
            ? "select count(*) from pg_stat_activity"
                + " where datname = current_database() and wait_event = 'PgSleep'"
            : "select count(*) from information_schema.processlist"
                + " where db = database() and state = 'User sleep'";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(asleep)) {
      row.next();
      mostAsleep = Math.max(mostAsleep, row.getInt(1));
      return mostAsleep;
    }
  }

  private synchronized void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
