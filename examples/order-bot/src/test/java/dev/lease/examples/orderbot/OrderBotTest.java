package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.examples.shared.StoreName;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class OrderBotTest {

  @TempDir private Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "worker",
        "create-jobs",
        "status",
        "watch",
        "leases",
        "failed",
        "reset-expired",
        "cancel",
        "pause",
        "resume",
        "migrate",
        "exchange",
        "crash-test",
        "soak"
      })
  void everyCommandHasHelp(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).startsWith("Usage: order-bot " + command);
  }

  @Test
  void aStoreThatIsNotKnownIsAUsageErrorThatNamesTheKnownOnes() {
    assertThat(run("status", "--store", "mongodb://me:secret@host")).isEqualTo(2);
    assertThat(err.toString())
        .contains("unknown store 'mongodb'", "sqlite:FILE", "jdbc:", "redis://")
        .doesNotContain("secret");
  }

  @Test
  void aPasswordBeforeTheHostIsAUsageErrorThatKeepsIt() {
    assertThat(run("status", "--store", "jdbc:postgresql://root:secret@host/db")).isEqualTo(2);
    assertThat(err.toString())
        .contains("?user=..&password=..", "LEASE_STORE")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://me:sec@ret@host",
        "redis://me:sec/ret@host",
        "redis://me:sec?ret@host",
        "redis://me:sec#ret@host",
        "redis://me:secret",
        "redis:me:secret@host",
        "redis://me:secret@",
        "redis://host?clientName=me@secret"
      })
  void aRedisStoreThatMayShowAPasswordIsAUsageErrorThatKeepsIt(String store) {
    assertThat(run("status", "--store", store)).isEqualTo(2);
    assertThat(err.toString())
        .contains("redis://USER:PASSWORD@HOST:PORT")
        .doesNotContain("sec", "ret");
  }

  @ParameterizedTest
  @CsvSource({
    "sqlite:orders.db, sqlite:orders.db",
    "sqlite://a@b/orders.db?x=secret, sqlite://a@b/orders.db",
    "jdbc:mariadb://host/db?user=me&password=se#cret, jdbc:mariadb://host/db",
    "redis://host, redis://host",
    "redis://me:secret@host:6379/1?timeout=3s, redis://host:6379/1",
    "rediss://:secret@[::1]:6379, rediss://[::1]:6379",
    "'redis-sentinel://secret@one:26379,two/0#main', 'redis-sentinel://one:26379,two/0#main'",
  })
  void aStoreIsShownWithoutItsPassword(String name, String shown) {
    assertThat(new StoreName(name)).hasToString(shown);
  }

  @Test
  void theDriverDoesNotLogAUrlThatItDoesNotUnderstand() {
    List<LogRecord> logged = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            logged.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger root = Logger.getLogger("");
    root.addHandler(handler);
    try {
      String store = "jdbc:postgresql://host:port/db?user=me&password=secret";
      assertThat(run("status", "--store", store)).isEqualTo(1);
    } finally {
      root.removeHandler(handler);
    }
    assertThat(logged).isEmpty();
    assertThat(err.toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "crash-test --jobs 0, 0, 1",
    "crash-test --jobs -1, -1, 1",
    "crash-test --jobs 2 --kills 0, 0, 1",
    "crash-test --jobs many, many, 1",
    "soak --minutes 0, 0, 1",
    "create-jobs 0, 0, 1",
    "create-jobs -5, -5, 1",
    "create-jobs 1 --attempts 0, 0, 1",
    "create-jobs 1 --refused -1, -1, 0",
    "worker --concurrency 0, 0, 1",
  })
  void aCountThatIsTooSmallIsAUsageErrorThatNamesTheLeast(String line, String count, int least) {
    List<String> args = new ArrayList<>(List.of(line.split(" ")));
    args.addAll(List.of("--store", "sqlite:" + directory.resolve("x.db")));

    assertThat(run(args.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString()).contains("'" + count + "' is not a number of " + least + " or more");
  }

  @Test
  void moreOrdersToRefuseThanThereAreIsAUsageError() {
    String store = "sqlite:" + directory.resolve("x.db");
    assertThat(run("create-jobs", "1", "--refused", "2", "--store", store)).isEqualTo(2);
    assertThat(err.toString()).contains("--refused may be 1 at most");
  }

  @Test
  void aSoakOfAStoreThatIsNotKnownIsAUsageError() {
    assertThat(run("soak", "--store", "mongodb://me:secret@host")).isEqualTo(2);
    assertThat(err.toString()).contains("unknown store 'mongodb'").doesNotContain("secret");
  }

  @Test
  void aDatabaseThatIsNotKnownIsOneLine() {
    assertThat(run("status", "--store", "jdbc:nosuch://host/x?password=secret")).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("jdbc:sqlite:").doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://localhost:1/x?user=me&password=secret, localhost:1",
    "redis://me:secret@localhost:1, no connection",
    "redis-sentinel://secret@localhost:1/0#main, no connection",
  })
  void aServerThatDoesNotAnswerIsOneLineWithoutThePassword(String store, String words) {
    assertThat(run("status", "--store", store)).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains(words).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "leases", "failed", "watch"})
  void whatOnlyLooksMakesNoStore(String command, @TempDir Path directory) {
    Path file = directory.resolve("misspelt.db");

    assertThat(run(command, "--store", "sqlite:" + file)).isEqualTo(1);
    assertThat(err.toString()).contains("could not connect to jdbc:sqlite:" + file).hasLineCount(1);
    assertThat(file).doesNotExist();
  }

  @Test
  void aPasswordThatIsNoPartOfAUriIsOneLineThatKeepsIt() {
    assertThat(run("status", "--store", "redis://me:sec^ret%@host")).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("redis://host").doesNotContain("sec", "ret");
  }

  @Test
  void aWrongOptionIsAUsageError() {
    assertThat(run("worker", "--store", "sqlite:x.db", "--lease", "3 years")).isEqualTo(2);
    assertThat(err.toString())
        .contains("'3 years' is not a duration such as 500ms, 30s, 5m, 2h or 7d");
  }

  @Test
  void noCommandIsAUsageError() {
    assertThat(run()).isEqualTo(2);
  }

  private int run(String... args) {
    CommandLine line = OrderBot.commandLine(CommandLine.defaultFactory());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }
}
