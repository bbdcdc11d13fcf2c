package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.NewJob;
import dev.lease.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MigrationTest {

  private static final List<NewJob> JOB = List.of(NewJob.builder("q", "1", "t", "p").build());

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 eight that open an empty database at once all succeed")
  void together(TestDatabase kind) throws Exception {
    for (int round = 0; round < 8; round++) {
      together(kind.newUrl());
    }
  }

  private static void together(String url) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    var start = new CountDownLatch(1);
    List<Future<Boolean>> opened =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    pool.submit(
                        () -> {
                          start.await();
                          try (var backend = JdbcBackend.open(JdbcConfig.of(url).withPoolSize(2))) {
                            return backend.jobQueue().find("q", "1").isEmpty();
                          }
                        }))
            .toList();
    start.countDown();
    for (Future<Boolean> one : opened) {
      assertThat(one.get()).isTrue();
    }
    pool.shutdown();
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "Q52 opening a current schema changes nothing, and a user's own tables are no hindrance")
  void current(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    TestDatabase.execute(url, "create table orders (id int)");
    try (var first = JdbcBackend.open(JdbcConfig.of(url))) {
      first.jobQueue().enqueue(JOB);
    }
    try (var second = JdbcBackend.open(JdbcConfig.of(url))) {
      assertThat(second.jobQueue().find("q", "1")).isPresent();
    }
    TestDatabase.execute(url, "select count(*) from orders");
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 a schema of a newer version is refused with a clear error")
  void newer(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    JdbcBackend.open(JdbcConfig.of(url)).close();
    TestDatabase.execute(
        url,
        "insert into lease_schema_history (installed_rank, version, description, type, script, checksum,"
            + " installed_by, installed_on, execution_time, success) select 99, '999', 'from the future', 'SQL',"
            + " 'V999__future.sql', 1, 'x', current_timestamp, 1, success from lease_schema_history"
            + " where version = '1'");

    for (boolean migrate : new boolean[] {true, false}) {
      assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url).withMigrate(migrate)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "the schema is of version 999, made by a newer version of Lease; this one knows up to 1");
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 a migration that failed half-way says why, and ends well once that is gone")
  void failed(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    TestDatabase.execute(url, "create table lease_job_view (id int)");

    assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("lease_job_view");
    assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url).withMigrate(false)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not up to date");

    TestDatabase.execute(url, "drop table lease_job_view");
    try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
      assertThat(backend.jobQueue().enqueue(JOB)).hasSize(1);
    }
  }

  @Test
  @DisplayName("Q52 a migration that was cut between two statements of MariaDB's is run again")
  void cut() throws SQLException {
    String url = TestDatabase.MARIADB.newUrl();
    JdbcBackend.migrate(JdbcConfig.of(url));
    // As a starter leaves it that dies: half of the tables, and no mark of a migration yet.
    TestDatabase.execute(
        url,
        "drop table lease_schema_history",
        "drop view lease_job_view",
        "drop table lease_lease");

    try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
      assertThat(backend.jobQueue().enqueue(JOB)).hasSize(1);
      assertThat(backend.leaseStore().acquire("name", "me", Duration.ofMinutes(1))).isPresent();
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void withoutMigrationAnEmptyDatabaseIsRefusedAndAMigratedOneOpens(TestDatabase kind) {
    JdbcConfig config = kind.newConfig().withMigrate(false);

    assertThatThrownBy(() -> JdbcBackend.open(config))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("run JdbcBackend.migrate");

    JdbcBackend.migrate(config);
    try (var backend = JdbcBackend.open(config)) {
      assertThat(backend.jobQueue().find("q", "1")).isEmpty();
    }
  }
}
