package dev.lease.jdbc;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A PgBouncer in front of the server of a database. */
final class PgBouncer implements AutoCloseable {

  private static final List<Path> PLACES =
      Stream.of("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer")
          .map(Path::of)
          .toList();

  private final String url;
  private final int port;
  private final Path settings;
  private final Process process;

  /**
   * @param url the database
   * @param mode the pool mode
   */
  PgBouncer(String url, String mode) throws Exception {
    this.url = url;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path directory =
        Files.createTempDirectory(
            "pgbouncer",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    settings = directory.resolve("pgbouncer.ini");
    write(mode);
    process =
        new ProcessBuilder(program().toString(), settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(directory.resolve("log").toFile()))
            .start();
    Await.until(
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(directory.resolve("log")));
          }
          try {
            DriverManager.getConnection(url()).close();
            return true;
          } catch (SQLException e) {
            return false;
          }
        });
  }

  static boolean isInstalled() {
    return PLACES.stream().anyMatch(Files::isExecutable);
  }

  private static Path program() {
    return PLACES.stream().filter(Files::isExecutable).findFirst().orElseThrow();
  }

  private static URI uri(String url) {
    return URI.create(url.replaceFirst("^jdbc:", ""));
  }

  private void write(String mode) throws IOException {
    Map<String, String> given =
        Stream.of(uri(url).getQuery().split("&"))
            .map(one -> one.split("=", 2))
            .collect(Collectors.toMap(one -> one[0], one -> one[1]));
    String login =
        given.entrySet().stream()
            .filter(one -> one.getKey().equals("user") || one.getKey().equals("password"))
            .map(one -> " " + one.getKey() + "=" + one.getValue())
            .collect(Collectors.joining());
    boolean root = System.getProperty("user.name").equals("root");
    Files.writeString(
        settings,
        """
        [databases]
        * = host=%s port=%d%s
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = any
        max_client_conn = 200
        default_pool_size = 50
        server_idle_timeout = 5
        pool_mode = %s
        %s
        """
            .formatted(
                // Localhost has an address of IPv6, too, at which no server listens.
                InetAddress.getByName(uri(url).getHost()).getHostAddress(),
                uri(url).getPort(),
                login,
                port,
                mode,
                root ? "user = nobody" : ""));
  }

  /** The database behind this PgBouncer. */
  String url() {
    return url(url);
  }

  /** Another database of the same server, behind this PgBouncer. */
  String url(String direct) {
    return direct.replace(uri(direct).getAuthority(), "localhost:" + port);
  }

  /** One in transaction mode, in front of the server of the tests, until the JVM ends. */
  static final class Shared {
    static final PgBouncer TRANSACTION_MODE = start();

    private static PgBouncer start() {
      try {
        var started = new PgBouncer(TestDatabase.POSTGRESQL.newUrl(), "transaction");
        Runtime.getRuntime().addShutdownHook(new Thread(started::close));
        return started;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * The configuration of a store behind a PgBouncer in transaction mode. The role of the database
   * has the settings that a refusal asks for.
   */
  static JdbcConfig transactionPooling(PgBouncer bouncer, String direct) {
    JdbcBackend.migrate(TestDatabase.config(direct));
    JdbcConfig config =
        TestDatabase.config(bouncer.url(direct)).withTransactionPooling(true).withListenUrl(direct);
    try {
      JdbcBackend.open(config).close();
      throw new IllegalStateException("not refused, though the role has no settings");
    } catch (IllegalArgumentException e) {
      String statements =
          String.valueOf(e.getMessage()).replaceFirst(".*console of PgBouncer: ", "");
      try {
        TestDatabase.execute(direct, statements);
        bouncer.reconnect(direct);
      } catch (Exception failure) {
        throw new IllegalStateException(statements, failure);
      }
      return config;
    }
  }

  /** Ends the sessions that the server has for a database, and waits until PgBouncer knows. */
  private void reconnect(String direct) throws Exception {
    String others =
        " from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    TestDatabase.execute(direct, "select pg_terminate_backend(pid)" + others);
    Await.until(() -> TestDatabase.answer(direct, "select count(*)" + others).equals("0"));
    Await.until(
        () -> {
          try {
            TestDatabase.execute(url(direct), "select 1");
            return true;
          } catch (SQLException e) {
            return false;
          }
        });
  }

  /** Changes the pool mode while it runs. It holds for clients that come from now on. */
  void changeTo(String mode) throws Exception {
    write(mode);
    int exit = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
    if (exit != 0) {
      throw new IllegalStateException("kill ended with " + exit);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
