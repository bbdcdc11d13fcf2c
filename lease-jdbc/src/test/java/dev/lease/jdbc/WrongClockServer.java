package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PostgreSQL server whose clock a test sets, by the library of Debian's package {@code faketime}.
 * It ends when this JVM ends, even if the JVM is killed.
 */
final class WrongClockServer implements AutoCloseable {

  private static final Path LIBRARIES = Path.of("/usr/lib");

  /** Runs the server until the pipe from this JVM closes. */
  private static final String SCRIPT =
      "\"$@\" < /dev/null & cat > /dev/null; kill -QUIT $!; wait $!";

  private final Path directory;
  private final Process process;
  private final int port;

  private WrongClockServer(Path directory, Path library, Path programs) throws Exception {
    this.directory = directory;
    setClock(0);
    Path data = directory.resolve("data");
    run(new ProcessBuilder(command(programs, "initdb", "-U", "postgres", "-D", data.toString())));
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<String> command = new ArrayList<>(List.of("sh", "-c", SCRIPT, "sh"));
    command.addAll(
        command(
            programs,
            "postgres",
            "-D",
            data.toString(),
            "-p",
            Integer.toString(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-k",
            directory.toString()));
    var builder = new ProcessBuilder(command);
    // Only the wall clock is wrong; waits keep their length.
    builder
        .environment()
        .putAll(
            Map.of(
                "LD_PRELOAD", library.toString(),
                "FAKETIME_TIMESTAMP_FILE", directory.resolve("clock").toString(),
                "FAKETIME_NO_CACHE", "1",
                "FAKETIME_DISABLE_SHM", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1"));
    process =
        builder.redirectErrorStream(true).redirectOutput(directory.resolve("log").toFile()).start();
    Await.until(
        () -> {
          try (Connection connection = DriverManager.getConnection(url())) {
            return connection.isValid(0);
          } catch (SQLException e) {
            assertThat(process.isAlive()).as("the server of " + directory).isTrue();
            return false;
          }
        });
  }

  /** Starts a server, or skips the test and says why it cannot. */
  static WrongClockServer start() throws Exception {
    Optional<Path> library = library();
    assumeTrue(library.isPresent(), "faketime is not installed");
    String any = TestDatabase.POSTGRESQL.newUrl();
    long backend = Long.parseLong(TestDatabase.answer(any, "select pg_backend_pid()"));
    Optional<Path> program =
        ProcessHandle.of(backend).flatMap(running -> running.info().command()).map(Path::of);
    assumeTrue(
        program.filter(path -> path.endsWith("postgres")).isPresent(),
        "the PostgreSQL server of the tests is not a program of this machine");
    Path directory =
        Files.createTempDirectory(
            Files.createDirectories(Path.of("target").toAbsolutePath()), "clock-");
    return new WrongClockServer(
        directory, library.orElseThrow(), program.orElseThrow().resolveSibling("."));
  }

  private static Optional<Path> library() throws IOException {
    if (!Files.isDirectory(LIBRARIES)) {
      return Optional.empty();
    }
    // Debian has a directory for each processor architecture.
    try (Stream<Path> directories = Files.list(LIBRARIES)) {
      return directories
          .map(one -> one.resolve("faketime/libfaketimeMT.so.1"))
          .filter(Files::isReadable)
          .findFirst();
    }
  }

  /** PostgreSQL does not run as root; in a namespace of its own nobody is. */
  private static List<String> command(Path programs, String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(programs.resolve(program).normalize().toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private void run(ProcessBuilder builder) throws Exception {
    Path log = directory.resolve("log");
    Process running = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(running.waitFor()).as(() -> "initdb, see " + log).isZero();
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  /** Sets how many hours the clock is wrong. */
  void setClock(int hours) throws IOException {
    Path file = directory.resolve("clock");
    Path written = directory.resolve("clock.new");
    Files.writeString(written, String.format(Locale.ROOT, "%+dh", hours));
    // Atomic, because the server may read the file at any time.
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().join();
  }
}
