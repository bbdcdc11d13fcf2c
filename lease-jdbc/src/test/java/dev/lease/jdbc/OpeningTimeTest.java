package dev.lease.jdbc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

@Timeout(120)
class OpeningTimeTest {

  private static final Duration LONG = Duration.ofDays(1);

  @ParameterizedTest
  @EnumSource(value = TestDatabase.class, mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("a store waits for a database that is down, if asked, and says so once")
  void waits(TestDatabase database) throws Exception {
    try (var later = new LaterDatabase(database);
        var logs = new Logs(StoreOpening.class.getName())) {
      CompletableFuture<JdbcBackend> opening =
          CompletableFuture.supplyAsync(() -> JdbcBackend.open(later.config()));
      Await.until(() -> !logs.from(Level.WARN).isEmpty());
      later.start();
      try (JdbcBackend backend = opening.get()) {
        assertThat(backend.leaseStore().acquire("a", "me", Duration.ofMinutes(1))).isPresent();
      }
      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("could not connect to jdbc:")
          .endsWith(". Opening tries again about each second, for up to 1 d (openingTime)");
    }
  }

  @Test
  @DisplayName("it waits over a pool too, which fails in its own way while it has no connection")
  void waitsOverAPool() throws Exception {
    try (var later = new LaterDatabase(TestDatabase.POSTGRESQL);
        var pool = new HikariDataSource();
        var logs = new Logs(StoreOpening.class.getName())) {
      pool.setJdbcUrl(later.config().url());
      CompletableFuture<JdbcBackend> opening =
          CompletableFuture.supplyAsync(
              () -> JdbcBackend.over(pool, TestDatabase.config().withOpeningTime(LONG)));
      Await.until(() -> !logs.from(Level.WARN).isEmpty());
      later.start();
      opening.get().close();
    }
  }

  @Test
  @DisplayName("when the time is over it fails, and says for how long it was tried")
  void endsWithTheTime() throws Exception {
    try (var later = new LaterDatabase(TestDatabase.POSTGRESQL)) {
      assertThatThrownBy(
              () -> JdbcBackend.open(later.config().withOpeningTime(Duration.ofMillis(100))))
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith("could not connect to jdbc:postgresql:")
          .hasMessageMatching(".*; it was tried for [0-9].*, and the openingTime is 100 ms");
    }
  }

  @Test
  @DisplayName("what does not pass by itself fails at once, however long it may take")
  void waitsForNothingElse() throws Exception {
    try (var other = new ServerSocket(0)) {
      new Thread(() -> greet(other)).start();
      assertThatThrownBy(
              () ->
                  JdbcBackend.open(
                      TestDatabase.config(
                              "jdbc:postgresql://localhost:%d/db?sslmode=disable"
                                  .formatted(other.getLocalPort()))
                          .withOpeningTime(LONG)))
          .isInstanceOf(StoreException.class)
          .hasMessageNotContaining("openingTime");
    }
    String url = TestDatabase.POSTGRESQL.emptyUrl();
    JdbcConfig config = TestDatabase.config(url).withOpeningTime(LONG);

    assertThatThrownBy(() -> JdbcBackend.open(config.withUrl(url.replace("?", "_missing?"))))
        .isInstanceOf(StoreException.class)
        .hasMessageNotContaining("openingTime");
    assertThatThrownBy(() -> JdbcBackend.open(config.withUrl("jdbc:sqlite:missing/x.db")))
        .isInstanceOf(StoreException.class)
        .hasMessageNotContaining("openingTime");
  }

  /** Answers as no PostgreSQL does. */
  private static void greet(ServerSocket server) {
    try (Socket client = server.accept()) {
      client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
      client.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @DisplayName("an error whose causes go in a circle is told, and waited for like others")
  void circularCauses() {
    var failure = new SQLException("no route", "08001");
    failure.initCause(new IllegalStateException("the pool is closed", failure));
    try (var pool =
        new HikariDataSource() {
          @Override
          public Connection getConnection() throws SQLException {
            throw failure;
          }
        }) {
      assertThatThrownBy(
              () ->
                  JdbcBackend.over(
                      pool, TestDatabase.config().withOpeningTime(Duration.ofMillis(100))))
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith("could not connect to the DataSource: no route")
          .hasMessageContaining("the openingTime is 100 ms");
    }
  }

  @Test
  @DisplayName("an interrupt ends the wait")
  void isInterrupted() throws Exception {
    try (var later = new LaterDatabase(TestDatabase.POSTGRESQL);
        var logs = new Logs(StoreOpening.class.getName())) {
      var seen = new AtomicReference<Throwable>();
      var opener =
          new Thread(
              () -> {
                try {
                  JdbcBackend.open(later.config()).close();
                } catch (StoreException e) {
                  if (Thread.currentThread().isInterrupted()) {
                    seen.set(e);
                  }
                }
              });
      opener.start();
      Await.until(() -> !logs.from(Level.WARN).isEmpty());
      opener.interrupt();
      opener.join();
      assertThat(seen.get())
          .hasMessageEndingWith("; the thread was interrupted before it was tried again");
    }
  }

  @Test
  @DisplayName("a negative time is refused")
  void isChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JdbcConfig.defaults().withOpeningTime(Duration.ofNanos(-1)))
        .withMessageStartingWith("openingTime must be ");
  }

  /** A database that nobody reaches until it is started. */
  private static final class LaterDatabase implements AutoCloseable {

    private final String url;
    private final TcpProxy wire;

    LaterDatabase(TestDatabase database) throws IOException {
      url = database.emptyUrl();
      try (var free = new ServerSocket(0)) {
        wire = new TcpProxy("127.0.0.1", free.getLocalPort());
      }
    }

    JdbcConfig config() {
      String port = Integer.toString(server().getPort());
      return TestDatabase.config(url.replaceFirst(port, Integer.toString(wire.port())))
          .withOpeningTime(LONG);
    }

    void start() {
      wire.turnTo(server().getHost(), server().getPort());
    }

    private URI server() {
      return URI.create(url.substring("jdbc:".length()));
    }

    @Override
    public void close() {
      wire.close();
    }
  }
}
