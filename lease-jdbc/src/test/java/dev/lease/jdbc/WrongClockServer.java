package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server whose clock a test sets, by the library of Debian's package {@code faketime}.
 * It ends when this JVM ends, even if the JVM is killed.
 */
final class WrongClockServer implements AutoCloseable {

  private static final Path LIBRARIES = Path.of("/usr/lib");

  /** Runs the server until it ends, or the pipe from this JVM closes. */
  private static final String SCRIPT =
      "exec 3<&0; \"$@\" 3<&- < /dev/null & server=$!;"
          + " { read -r line <&3; kill -QUIT $server; } & wait $server; kill $!";

  /** Between the moment at which a port is free and the start, others may take it. */
  private static final int MAX_STARTS = 5;

  private final Path directory;
  private Process process;
  private int port;

  private WrongClockServer(Path directory, Path library, Path programs) throws Exception {
    this.directory = directory;
    setClock(0);
    process = initialize(programs);
    for (int starts = 1; !starts(library, programs); starts++) {
      assertThat(starts).as(() -> "starts of the server, " + log()).isLessThan(MAX_STARTS);
    }
  }

  private Process initialize(Path programs) throws Exception {
    Process initdb =
        new ProcessBuilder(command(program(programs, "initdb"), "-U", "postgres", "-D", data()))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    boolean ended = initdb.waitFor(2, TimeUnit.MINUTES);
    if (!ended) {
      initdb.destroyForcibly();
    }
    assertThat(ended).as(() -> "initdb ends, " + log()).isTrue();
    assertThat(initdb.exitValue()).as(() -> "initdb, " + log()).isZero();
    return initdb;
  }

  /** Waits until the server answers; false if it has ended. */
  private boolean starts(Path library, Path programs) throws Exception {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<String> command = new ArrayList<>(List.of("sh", "-c", SCRIPT, "sh"));
    command.addAll(
        command(
            program(programs, "postgres"),
            "-D",
            data(),
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
    Await.until(() -> answers() || !process.isAlive());
    return process.isAlive();
  }

  /** Another server may have the port. */
  private boolean answers() {
    try {
      return TestDatabase.answer(url(), "show data_directory").equals(data());
    } catch (SQLException e) {
      return false;
    }
  }

  private static String program(Path programs, String name) {
    return programs.resolve(name).normalize().toString();
  }

  private String data() {
    return directory.resolve("data").toString();
  }

  private String log() {
    try {
      return "its output: " + Files.readString(directory.resolve("log"));
    } catch (IOException e) {
      return "no output: " + e;
    }
  }

  /** Starts a server, or skips the test and says why it cannot. */
  static WrongClockServer start() throws Exception {
    Optional<Path> library = library();
    assumeTrue(library.isPresent(), "faketime is not installed");
    Optional<Path> program = programOfTests();
    assumeTrue(
        program.filter(path -> path.endsWith("postgres")).isPresent(),
        "the PostgreSQL server of the tests is not a program of this machine");
    assumeTrue(canRun(), "PostgreSQL does not run as root, and unshare is forbidden");
    return new WrongClockServer(
        Files.createTempDirectory(
            Files.createDirectories(Path.of("target").toAbsolutePath()), "clock-"),
        library.orElseThrow(),
        program.orElseThrow().resolveSibling("."));
  }

  /** The server of the tests: of one of its processes that is there as long as its connection. */
  private static Optional<Path> programOfTests() throws SQLException {
    String url = TestDatabase.POSTGRESQL.newUrl();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return ProcessHandle.of(row.getLong(1))
          .flatMap(backend -> backend.info().command())
          .map(Path::of);
    }
  }

  private static boolean canRun() throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command("true"))
              .redirectErrorStream(true)
              .redirectOutput(Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
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
  private static List<String> command(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(program);
    command.addAll(List.of(arguments));
    return command;
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
    boolean ended =
        process
            .onExit()
            .thenApply(any -> true)
            .completeOnTimeout(false, 1, TimeUnit.MINUTES)
            .join();
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertThat(ended).as(() -> "the server ends, " + log()).isTrue();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
