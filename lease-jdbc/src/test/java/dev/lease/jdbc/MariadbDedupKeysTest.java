package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dedup keys on MariaDB, whose unique index locks more than the key. */
class MariadbDedupKeysTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private String url;
  private JdbcBackend backend;

  @BeforeEach
  void open() {
    url = TestDatabase.MARIADB.newUrl();
    backend = JdbcBackend.open(JdbcConfig.of(url));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @ParameterizedTest
  @CsvSource({
    "TRANSACTION_REPEATABLE_READ, done",
    "TRANSACTION_REPEATABLE_READ, unkept",
    "TRANSACTION_REPEATABLE_READ, failed",
    "TRANSACTION_REPEATABLE_READ, cancelled",
    "TRANSACTION_READ_COMMITTED, done"
  })
  @DisplayName(
      "Q08 an open transaction that enqueued keeps nobody from a key that another job freed")
  void othersKeys(String isolation, String end) throws Exception {
    backend
        .jobQueue()
        .enqueue(
            List.of(
                NewJob.builder("q", "1", "t", "p")
                    .dedupKey("account-1")
                    .keep(end.equals("unkept") ? Duration.ZERO : Duration.ofDays(1))
                    .build()));
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      connection.setTransactionIsolation(Connection.class.getField(isolation).getInt(null));
      connection.setAutoCommit(false);
      statement.execute("select count(*) from lease_job");
      assertThat(backend.enqueue(connection, List.of(job("2", "account-2"))))
          .containsExactly(Enqueued.of("2", true));
      if (end.equals("cancelled")) {
        backend.jobAdmin().cancel("q", "1");
      } else {
        ClaimedJob claimed =
            backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
        backend
            .jobQueue()
            .settle(
                List.of(
                    end.equals("failed")
                        ? Settlement.failed(claimed.lease(), "e")
                        : Settlement.done(claimed.lease())));
      }

      long waits = status("Innodb_row_lock_waits");
      assertThat(backend.jobQueue().enqueue(List.of(job("3", "account-1"))))
          .containsExactly(Enqueued.of("3", true));
      assertThat(backend.jobQueue().enqueue(List.of(job("4", "account-1"), job("5", "account-0"))))
          .containsExactly(Enqueued.of("3", false), Enqueued.of("5", true));
      assertThat(status("Innodb_row_lock_waits")).isEqualTo(waits);
      connection.commit();
    }
    assertThat(backend.jobQueue().find("q", "2")).isPresent();
  }

  private static NewJob job(String id, String key) {
    return NewJob.builder("q", id, "t", "p").dedupKey(key).build();
  }

  private long status(String name) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select variable_value from information_schema.global_status where variable_name = '"
                    + name
                    + "'")) {
      row.next();
      return row.getLong(1);
    }
  }
}
