package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.cli.TestStore.Answer;
import dev.lease.cli.TestStore.Kind;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for all commands. */
@Timeout(120)
class LeaseCliTest {

  @TempDir private Path directory;

  static Set<String> commands() {
    return LeaseCli.commandLine().getSubcommands().keySet();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandHasHelpAndStandsInTheReadme(String command) throws Exception {
    assertThat(TestStore.runWithout(command, "--help").out()).startsWith("Usage: lease " + command);
    assertThat(Files.readString(Path.of("README.md")))
        .contains("| `" + command)
        .containsPattern("\n\\$ lease " + command + "\\b");
  }

  @Test
  void theVersionIsTold() {
    Answer answer = TestStore.runWithout("--version");
    assertThat(answer.code()).isZero();
    assertThat(answer.out()).startsWith("lease ");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aStoreThatIsMissingIsNotMade(Kind kind) throws Exception {
    List<String> options = TestStore.options(kind, directory);
    for (List<String> command :
        List.of(
            List.of("queues"),
            List.of("jobs"),
            List.of("show", "o1"),
            List.of("tail"),
            List.of("retry", "--queue", "orders"),
            List.of("delete", "o1"),
            List.of("pause", "orders"))) {
      List<String> line = new ArrayList<>(command);
      line.addAll(options);
      Answer answer = TestStore.runWithout(line.toArray(String[]::new));
      assertThat(answer.code()).as("%s", command).isEqualTo(1);
      assertThat(answer.out()).isEmpty();
      assertThat(answer.err())
          .hasLineCount(1)
          .contains("lease makes no store and migrates none: check --store and --");
    }
    assertNothingWasMade(kind, options);
  }

  private void assertNothingWasMade(Kind kind, List<String> options) throws SQLException {
    switch (kind) {
      case SQLITE -> assertThat(directory).isEmptyDirectory();
      case POSTGRESQL -> assertThat(tables(options.get(1))).isZero();
      case REDIS -> {
        // A store that is made writes the key that opening asks for.
        RedisConfig config =
            RedisConfig.of(options.get(1)).withPrefix(options.get(3)).withMigrate(false);
        assertThatThrownBy(() -> RedisBackend.open(config))
            .hasMessageContaining("there is no store");
      }
    }
  }

  private static int tables(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select count(*) from pg_class where relname like 'lease%'")) {
      row.next();
      return row.getInt(1);
    }
  }

  @Test
  void aSchemaThatIsMissingIsNotMade() throws SQLException {
    String url = TestStore.options(Kind.POSTGRESQL, directory).get(1);
    for (List<String> options :
        List.of(
            List.of("--store", url + "&currentSchema=shpo"),
            List.of("--store", url, "--schema", "shpo"))) {
      List<String> line = new ArrayList<>(options);
      line.add(0, "queues");
      Answer answer = TestStore.runWithout(line.toArray(String[]::new));
      assertThat(answer.code()).isEqualTo(1);
      assertThat(answer.err()).hasLineCount(1);
    }
    assertThat(tables(url)).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "queues",
        "queues --store mongodb://host",
        "queues --store sqlite:x.db --prefix lease",
        "queues --store redis://localhost --schema lease",
        "jobs --store sqlite:x.db --state LOST",
        "jobs --store sqlite:x.db --since yesterday",
        "jobs --store sqlite:x.db --limit 0",
        "show --store sqlite:x.db",
        "retry --store sqlite:x.db",
        "retry --store sqlite:x.db --yes",
        "retry --store sqlite:x.db --state DONE",
        "cancel --store sqlite:x.db o1 --type place",
        "delete --store sqlite:x.db o1 --yes",
        "change --store sqlite:x.db o1",
        "tail --store sqlite:x.db --every 0s",
        "tail --store sqlite:x.db --every 99ms",
        "purge --store sqlite:x.db orders",
        "purge --store sqlite:x.db orders --older-than 5w",
      })
  void wrongUsageIsSaidAndDoesNothing(String line) {
    Answer answer = TestStore.runWithout(line.isEmpty() ? new String[0] : line.split(" "));
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err().lines().toList()).hasSize(2).last().asString().endsWith("--help");
    assertThat(Path.of("x.db")).doesNotExist();
  }

  @Tag("slow")
  @Test
  void theProgramExitsWithTheCodeOfTheCommand() throws Exception {
    try (TestStore store = TestStore.open(Kind.SQLITE, directory)) {
      store.fail("orders", "place", "o1", "no");
      assertThat(exitCode("show", "o1", "--store", store.options().get(1))).isZero();
      assertThat(exitCode("show", "o2", "--store", store.options().get(1))).isEqualTo(1);
      assertThat(exitCode("show", "--store", store.options().get(1))).isEqualTo(2);
    }
  }

  private int exitCode(String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(LeaseCli.class.getName());
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output.txt").toFile())
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
