package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.cli.TestStore.Answer;
import dev.lease.cli.TestStore.Kind;
import dev.lease.testkit.InMemoryBackend;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Long work that is told to end says how far it came, and the same command goes on with it. */
@Tag("slow")
@Timeout(300)
class InterruptionTest {

  /** A piece has at most 1,000, fewer on a slow machine: so far they are told once at least. */
  private static final int JOBS = 2_100;

  private static final Pattern SO_FAR = Pattern.compile("(\\d+) so far\\.");
  private static final Pattern CUT_SHORT =
      Pattern.compile(
          """
          (?:\\d+ so far\\.
          )*(\\d+) jobs were cancelled\\.
          (\\d+) of the 2100 that were counted were not: the command was interrupted\\.
          The same command again goes on with the rest\\.""");

  @TempDir private Path directory;

  private static List<NewJob> jobs(String prefix, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> NewJob.builder("orders", prefix + i, "place", "{}").build())
        .toList();
  }

  private static void enqueue(TestStore store, int count) {
    List<NewJob> all = jobs("o", count);
    for (int i = 0; i < count; i += 500) {
      store.queue().enqueue(all.subList(i, Math.min(i + 500, count)));
    }
  }

  /** What a program prints, which is told to end when it prints a line. */
  private static StringWriter out(CommandLine program, String line) {
    StringWriter out = new StringWriter();
    program.setOut(
        new PrintWriter(out) {
          @Override
          public void println(String printed) {
            super.println(printed);
            if (printed.contains(line)) {
              ((LeaseCli) program.getCommand()).interruption().ask();
            }
          }
        });
    return out;
  }

  private static int soFar(String out) {
    Matcher told = SO_FAR.matcher(out);
    assertThat(told.find()).as(out).isTrue();
    return Integer.parseInt(told.group(1));
  }

  private static Answer runUntil(TestStore store, String line, String command) {
    CommandLine program = LeaseCli.commandLine();
    StringWriter out = out(program, line);
    int code =
        program.execute(
            Stream.concat(Stream.of(command.split(" ")), store.options().stream())
                .toArray(String[]::new));
    return new Answer(code, out.toString(), "");
  }

  @ParameterizedTest
  @CsvSource({
    "cancel --queue orders --yes, cancelled",
    "retry --queue orders --state cancelled --yes, retried",
  })
  void jobsThatMatch(String command, String done) {
    try (TestStore store = TestStore.open(Kind.SQLITE, directory)) {
      enqueue(store, JOBS);
      if (command.startsWith("retry")) {
        store.run("cancel", "--queue", "orders", "--yes");
      }
      Answer interrupted = runUntil(store, " so far.", command);
      int changed = soFar(interrupted.out());
      assertThat(interrupted)
          .isEqualTo(
              new Answer(
                  Interruption.EXIT_CODE,
                  """
                  %1$d so far.
                  %1$d jobs were %2$s.
                  %3$d of the 2100 that were counted were not: the command was interrupted.
                  The same command again goes on with the rest.
                  """
                      .formatted(changed, done, JOBS - changed),
                  ""));
      assertThat(runUntil(store, "never", command).out())
          .endsWith("%d jobs were %s.\n".formatted(JOBS - changed, done));
    }
  }

  @Test
  void jobsThatArePurgedAndJobsThatAreNamed() {
    try (TestStore store = TestStore.open(Kind.SQLITE, directory)) {
      enqueue(store, JOBS);
      assertThat(runUntil(store, "o1 ", "cancel o0 o1 o2"))
          .isEqualTo(
              new Answer(
                  Interruption.EXIT_CODE,
                  """
                  o0 is cancelled.
                  o1 is cancelled.
                  Interrupted before o2.
                  The same command again goes on with the rest.
                  """,
                  ""));
      assertThat(store.queue().find("orders", "o2").orElseThrow().state())
          .isEqualTo(JobState.PENDING);

      store.run("cancel", "--queue", "orders", "--yes");
      String out = runUntil(store, " so far.", "purge orders --older-than 0s --yes").out();
      int removed = soFar(out);
      int rest = JOBS - removed;
      assertThat(out)
          .contains(
              "\n%d jobs were removed.\n%d of the 2100 that were counted were not: "
                  .formatted(removed, rest));
      assertThat(store.run("purge", "orders", "--older-than", "0s", "--yes").out())
          .endsWith("\n%d jobs were removed.\n".formatted(rest));
    }
  }

  @Test
  void jobsThatComeAfterANamedOne() throws Exception {
    InMemoryBackend store = new InMemoryBackend(InstantSource.system());
    GraphPiece.Builder graph =
        GraphPiece.builder("orders", "g")
            .part(GraphPart.of("load"))
            .part(GraphPart.of("count").after("load", OnFailure.CANCEL))
            .job("load", NewJob.builder("orders", "load", "place", "{}").build());
    store.jobGraphs().add(graph.build());
    for (String half : List.of("a", "b")) {
      GraphPiece.Builder piece =
          GraphPiece.builder("orders", "g")
              .part(GraphPart.of("load"))
              .part(GraphPart.of("count").after("load", OnFailure.CANCEL));
      jobs(half, 550).forEach(job -> piece.job("count", job));
      store.jobGraphs().add(half.equals("b") ? piece.last(2, 1_101).build() : piece.build());
    }

    assertThat(runUntil(store, "1000 so far.", "cancel load --with-children"))
        .endsWith(
            "load is left, since the command was interrupted;"
                + " jobs that come after it and were cancelled: 1000.\n");
    assertThat(runUntil(store, "never", "cancel load --with-children"))
        .isEqualTo("load is cancelled; jobs that come after it and were cancelled: 100.\n");

    assertThat(runUntil(store, "1000 so far.", "retry load --with-children"))
        .endsWith("load waits again, due now; jobs that come after it and wait: 1000.\n");
    assertThat(runUntil(store, "never", "retry load --with-children"))
        .endsWith(
            "load is PENDING: only FAILED and CANCELLED jobs can be retried;"
                + " jobs that come after it and wait: 1100.\n");
  }

  /** Runs a command on a store that has no name. */
  private static String runUntil(InMemoryBackend store, String line, String command)
      throws Exception {
    CommandLine program = LeaseCli.commandLine();
    StringWriter out = out(program, line);
    var parsed = program.parseArgs((command + " --store sqlite:not-opened.db").split(" "));
    var named = (StoreCommand) parsed.subcommand().commandSpec().userObject();
    named.run(new OpenStore(store), new Output(program.getOut(), false, Integer.MAX_VALUE));
    return out.toString();
  }

  @Test
  void aProcessThatIsToldToEndEndsAfterThePieceUnderWay() throws Exception {
    try (TestStore store = TestStore.open(Kind.POSTGRESQL, directory)) {
      enqueue(store, JOBS);
      Path err = directory.resolve("err.txt");
      try (Connection connection = DriverManager.getConnection(store.options().get(1));
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute(
            "select from (select * from lease_job order by seq offset 1000) job"
                + " join lease_job locked using (seq) for update of locked");
        Process process = start(err, store, "cancel", "--queue", "orders", "--yes");
        try (BufferedReader out = process.inputReader()) {
          // A piece of any size, which waits for one of these locks.
          while (!isLockWaitedFor(store)) {
            assertThat(process.isAlive()).isTrue();
            Thread.sleep(20);
          }
          // That of Process would close the streams.
          process.toHandle().destroy();
          while (!Files.readString(err).contains("after the piece under way")) {
            assertThat(process.isAlive()).isTrue();
            Thread.sleep(20);
          }
          connection.rollback();
          Matcher rest = CUT_SHORT.matcher(out.lines().collect(Collectors.joining("\n")));
          assertThat(rest.matches()).as("%s", rest).isTrue();
          assertThat(Integer.parseInt(rest.group(1)) + Integer.parseInt(rest.group(2)))
              .isEqualTo(JOBS);
          assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
          assertThat(process.exitValue()).isEqualTo(Interruption.EXIT_CODE);
        } finally {
          process.destroyForcibly();
        }
      }
    }
  }

  private static boolean isLockWaitedFor(TestStore store) throws SQLException {
    // A connection of its own, since a transaction goes on seeing what it saw first.
    try (Connection connection = DriverManager.getConnection(store.options().get(1));
        ResultSet found =
            connection
                .createStatement()
                .executeQuery(
                    "select 1 from pg_stat_activity"
                        + " where datname = current_database() and wait_event_type = 'Lock'")) {
      return found.next();
    }
  }

  private static Process start(Path err, TestStore store, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(LeaseCli.class.getName());
    command.addAll(List.of(args));
    command.addAll(store.options());
    return new ProcessBuilder(command).redirectError(err.toFile()).start();
  }
}
