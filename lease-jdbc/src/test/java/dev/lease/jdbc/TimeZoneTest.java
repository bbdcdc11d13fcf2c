package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.NewJob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TimeZoneTest {

  private final TimeZone before = TimeZone.getDefault();

  @AfterEach
  void restore() {
    TimeZone.setDefault(before);
  }

  @ParameterizedTest
  @CsvSource({
    "SQLITE, Europe/London, 2026-03-29T01:30:00Z",
    "SQLITE, America/St_Johns, 2026-11-01T04:30:00Z",
    "POSTGRESQL, Europe/London, 2026-03-29T01:30:00Z",
    "POSTGRESQL, America/St_Johns, 2026-11-01T04:30:00Z",
    "POSTGRESQL, Pacific/Kiritimati, 2026-06-01T00:00:00Z",
    "MARIADB, Europe/London, 2026-03-29T01:30:00Z",
    "MARIADB, America/St_Johns, 2026-11-01T04:30:00Z",
    "MARIADB, Pacific/Kiritimati, 2026-06-01T00:00:00Z"
  })
  @DisplayName(
      "Q53 the time zones of JVM and session do not matter, nor do the nights when clocks change")
  void zones(TestDatabase kind, String zone, Instant due) throws Exception {
    TimeZone.setDefault(TimeZone.getTimeZone(zone));
    String url = kind.newUrl();
    String session =
        switch (kind) {
          case SQLITE -> url;
          case POSTGRESQL -> url + "&options=-c%20TimeZone=Asia/Tokyo";
          case MARIADB -> url + "&sessionVariables=time_zone='+09:00'";
        };
    try (var one = JdbcBackend.open(TestDatabase.config(session))) {
      one.jobQueue()
          .enqueue(
              List.of(
                  NewJob.builder("q", "past", "t", "p").due(Due.at(due)).build(),
                  NewJob.builder("q", "now", "t", "p").build(),
                  NewJob.builder("q", "later", "t", "p")
                      .due(Due.after(Duration.ofMinutes(5)))
                      .build()));
    }
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    try (var two = JdbcBackend.open(TestDatabase.config(url))) {
      Job past = two.jobQueue().find("q", "past").orElseThrow();
      assertThat(past.dueAt()).isEqualTo(due);
      Job later = two.jobQueue().find("q", "later").orElseThrow();
      assertThat(Duration.between(later.createdAt(), later.dueAt()))
          .isEqualTo(Duration.ofMinutes(5));
      assertThat(two.jobQueue().claim(ClaimRequest.of("q", "w", 3, Duration.ofMinutes(1))).jobs())
          .extracting(job -> job.lease().jobId())
          .containsExactlyInAnyOrder("past", "now");
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void theViewTellsStatesInWordsAndTimesAsTimes(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      backend
          .jobQueue()
          .enqueue(
              List.of(
                  NewJob.builder("q", "1", "t", "p")
                      .due(Due.at(Instant.parse("2026-01-02T03:04:05.678Z")))
                      .build()));
      backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, Duration.ofMinutes(1))).jobs();
    }
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      if (kind == TestDatabase.POSTGRESQL) {
        statement.execute("set time zone 'UTC'");
      }
      try (ResultSet row =
          statement.executeQuery(
              "select state, expired, owner, cast(due_at as "
                  + (kind == TestDatabase.MARIADB ? "char" : "text")
                  + ") as due from lease_job_view")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getString("state")).isEqualTo("PROCESSING");
        assertThat(row.getBoolean("expired")).isFalse();
        assertThat(row.getString("owner")).isEqualTo("w");
        assertThat(row.getString("due")).startsWith("2026-01-02 03:04:05.678");
      }
    }
  }
}
