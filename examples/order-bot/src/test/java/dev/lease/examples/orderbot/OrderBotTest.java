package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class OrderBotTest {

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
        "migrate",
        "exchange",
        "crash-test"
      })
  void everyCommandHasHelp(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).startsWith("Usage: order-bot " + command);
  }

  @Test
  void aStoreThatIsNotKnownIsAUsageErrorThatNamesTheKnownOnes() {
    assertThat(run("status", "--store", "redis://me:secret@host")).isEqualTo(2);
    assertThat(err.toString())
        .contains("unknown store 'redis'", "sqlite:FILE", "jdbc:")
        .doesNotContain("secret");
  }

  @Test
  void aDatabaseThatIsNotKnownIsOneLine() {
    assertThat(run("status", "--store", "jdbc:nosuch://host/x?password=secret")).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("jdbc:sqlite:").doesNotContain("secret");
  }

  @Test
  void aServerThatDoesNotAnswerIsOneLineWithoutThePassword() {
    String store = "jdbc:postgresql://localhost:1/x?user=me&password=secret";
    assertThat(run("status", "--store", store)).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("localhost:1").doesNotContain("secret");
  }

  @Test
  void aWrongOptionIsAUsageError() {
    assertThat(run("worker", "--store", "sqlite:x.db", "--lease", "3 years")).isEqualTo(2);
    assertThat(err.toString()).contains("'3 years' is not a duration such as 500ms, 30s or 5m");
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
