package dev.lease.examples.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A minimal queue in SQLite: one table, numbers as ids, and done jobs are deleted. */
final class RawSqlite implements Raw {

  private static final String INSERT =
      "insert into raw_job(queue, type, payload, priority, run_at) values ('q', 'job', ?, 5, 1)";

  private static final String CLAIM =
      """
      update raw_job
      set attempt = attempt + 1, token = token + 1, owner = 'w', lease_until = {now} + 30000000
      where id in (
        select id from raw_job
        where queue = 'q' and priority = 5 and run_at <= {now} and lease_until <= {now}
        order by run_at, id limit {batch})
      returning id, token, type, payload, attempt, priority, run_at
      """
          .replace("{now}", "cast(unixepoch('subsec') * 1000000 as integer)");

  private final RawConnections connections;

  RawSqlite(Target target) {
    connections = new RawConnections(target.url());
  }

  @Override
  public void setUp() throws SQLException {
    connections.execute(
        "pragma journal_mode = wal",
        """
        create table raw_job(id integer primary key, queue text, type text, payload text,
          priority smallint, run_at bigint, attempt int default 0, owner text,
          lease_until bigint default 0, token bigint default 0)
        """,
        "create index raw_ready on raw_job(queue, priority, run_at, id)");
  }

  /** Has the durability of the store, which is the default of the driver. */
  private Connection open() throws SQLException {
    Connection connection = connections.open();
    try (Statement statement = connection.createStatement()) {
      statement.execute("pragma busy_timeout = 60000");
    }
    return connection;
  }

  @Override
  public Turn enqueue(int batch) throws SQLException {
    Connection connection = open();
    PreparedStatement insert = connection.prepareStatement(INSERT);
    return transaction(
        connection,
        () -> {
          for (int i = 0; i < batch; i++) {
            insert.setString(1, Raw.payload(i));
            insert.executeUpdate();
          }
          return batch;
        });
  }

  @Override
  public Turn drain(int batch) throws SQLException {
    Connection connection = open();
    PreparedStatement claim =
        connection.prepareStatement(CLAIM.replace("{batch}", Integer.toString(batch)));
    PreparedStatement delete =
        connection.prepareStatement("delete from raw_job where id = ? and token = ?");
    List<Long[]> held = new ArrayList<>();
    return transaction(
        connection,
        () -> {
          for (Long[] job : held) {
            delete.setLong(1, job[0]);
            delete.setLong(2, job[1]);
            delete.executeUpdate();
          }
          held.clear();
          try (ResultSet rows = claim.executeQuery()) {
            while (rows.next()) {
              held.add(new Long[] {rows.getLong(1), rows.getLong(2)});
              rows.getString(4);
            }
          }
          return held.size();
        });
  }

  private static Turn transaction(Connection connection, Turn turn) throws SQLException {
    PreparedStatement begin = connection.prepareStatement("begin immediate");
    PreparedStatement commit = connection.prepareStatement("commit");
    return () -> {
      begin.execute();
      int moved = turn.once();
      commit.execute();
      return moved;
    };
  }

  @Override
  public void close() throws SQLException {
    connections.close();
  }
}
