package dev.lease.examples.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A minimal queue in MariaDB: one table, numbers as ids, and done jobs are deleted. */
final class RawMariadb implements Raw {

  private static final String NOW = "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))";

  private static final String PICK =
      """
      select id, token, type, payload, attempt, priority, run_at from raw_job
      where queue = 'q' and state = 0 and priority = 5 and run_at <= {now}
      order by run_at, id limit {batch}
      for update skip locked
      """
          .replace("{now}", NOW);

  private static final String CLAIM =
      """
      update raw_job force index (primary)
      set state = 1, attempt = attempt + 1, token = token + 1, owner = 'w',
        lease_until = {now} + 30000000
      where id in ({ids})
      """
          .replace("{now}", NOW);

  private final RawConnections connections;

  RawMariadb(Target target) {
    connections = new RawConnections(target.url());
  }

  @Override
  public void setUp() throws SQLException {
    connections.execute(
        """
        create table raw_job(id bigint auto_increment primary key, queue varchar(100),
          type varchar(100), payload text, priority smallint, run_at bigint, state tinyint default 0,
          attempt int default 0, owner varchar(100), lease_until bigint default 0,
          token bigint default 0, key raw_ready (queue, state, priority, run_at)) engine = innodb
        """);
  }

  @Override
  public Turn enqueue(int batch) throws SQLException {
    String rows = String.join(",", Collections.nCopies(batch, "('q', 'job', ?, 5, 1)"));
    PreparedStatement insert =
        connections
            .open()
            .prepareStatement(
                "insert into raw_job(queue, type, payload, priority, run_at) values " + rows);
    return () -> {
      for (int i = 1; i <= batch; i++) {
        insert.setString(i, Raw.payload(i));
      }
      return insert.executeUpdate();
    };
  }

  /** Like the store, settles the last batch and claims the next one in one transaction. */
  @Override
  public Turn drain(int batch) throws SQLException {
    Connection connection = connections.open();
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    connection.setAutoCommit(false);
    PreparedStatement pick =
        connection.prepareStatement(PICK.replace("{batch}", Integer.toString(batch)));
    List<String> held = new ArrayList<>();
    return () -> {
      try (Statement statement = connection.createStatement()) {
        if (!held.isEmpty()) {
          statement.executeUpdate(
              "delete from raw_job where (id, token) in (" + String.join(",", held) + ")");
        }
        held.clear();
        List<String> ids = new ArrayList<>();
        try (ResultSet rows = pick.executeQuery()) {
          while (rows.next()) {
            ids.add(rows.getString(1));
            held.add("(%d,%d)".formatted(rows.getLong(1), rows.getLong(2) + 1));
            rows.getString(4);
          }
        }
        if (!ids.isEmpty()) {
          statement.executeUpdate(CLAIM.replace("{ids}", String.join(",", ids)));
        }
      }
      connection.commit();
      return held.size();
    };
  }

  @Override
  public void close() throws SQLException {
    connections.close();
  }
}
