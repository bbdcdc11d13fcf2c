package dev.lease.examples.benchmark;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** A minimal queue in PostgreSQL: one table, numbers as ids, and done jobs are deleted. */
final class RawPostgresql implements Raw {

  private static final String NOW = "(extract(epoch from statement_timestamp()) * 1000000)::bigint";

  private static final String INSERT =
      """
      insert into raw_job(queue, type, payload, priority, run_at)
      select 'q', 'job', p, 5, 1 from unnest(?) p
      """;

  private static final String CLAIM =
      """
      update raw_job
      set attempt = attempt + 1, token = token + 1, owner = 'w', lease_until = {now} + 30000000
      where ctid = any(array(
        select ctid from raw_job
        where queue = 'q' and priority = 5 and run_at <= {now} and lease_until <= {now}
        order by run_at, id limit {batch}
        for no key update skip locked))
      returning id, token, type, payload, attempt, priority, run_at
      """
          .replace("{now}", NOW);

  private static final String DELETE =
      """
      delete from raw_job j using unnest(?::bigint[], ?::bigint[]) d(id, token)
      where j.id = d.id and j.token = d.token
      """;

  private final RawConnections connections;

  RawPostgresql(Target target) {
    connections = new RawConnections(target.url());
  }

  @Override
  public void setUp() throws SQLException {
    connections.execute(
        """
        create table raw_job(id bigint generated always as identity primary key, queue text,
          type text, payload text, priority smallint, run_at bigint, attempt int default 0,
          owner text, lease_until bigint default 0, token bigint default 0)
          with (fillfactor = 50)
        """,
        "create index raw_ready on raw_job(queue, priority, run_at, id)");
  }

  @Override
  public Turn enqueue(int batch) throws SQLException {
    Connection connection = connections.open();
    PreparedStatement insert = connection.prepareStatement(INSERT);
    Object[] payloads = LongStream.range(0, batch).mapToObj(Raw::payload).toArray();
    return () -> {
      insert.setArray(1, connection.createArrayOf("text", payloads));
      return insert.executeUpdate();
    };
  }

  /** Like the store, settles the last batch and claims the next one in one transaction. */
  @Override
  public Turn drain(int batch) throws SQLException {
    Connection connection = connections.open();
    connection.setAutoCommit(false);
    PreparedStatement claim =
        connection.prepareStatement(CLAIM.replace("{batch}", Integer.toString(batch)));
    PreparedStatement delete = connection.prepareStatement(DELETE);
    List<Long> ids = new ArrayList<>();
    List<Long> tokens = new ArrayList<>();
    return () -> {
      if (!ids.isEmpty()) {
        delete.setArray(1, numbers(connection, ids));
        delete.setArray(2, numbers(connection, tokens));
        delete.executeUpdate();
      }
      ids.clear();
      tokens.clear();
      try (ResultSet rows = claim.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getLong(1));
          tokens.add(rows.getLong(2));
          rows.getString(4);
        }
      }
      connection.commit();
      return ids.size();
    };
  }

  private static Array numbers(Connection connection, List<Long> numbers) throws SQLException {
    return connection.createArrayOf("bigint", numbers.toArray());
  }

  @Override
  public void close() throws SQLException {
    connections.close();
  }
}
