package dev.lease.examples.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ProofCommandTest {

  @TempDir private Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void itHasHelp() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).startsWith("Usage: proof ");
  }

  @Test
  void aProofOfNothingIsNoProof() {
    String store = "sqlite:" + directory.resolve("x.db");
    assertThat(run("--way", "steps", "--strike", "meet", "--store", store)).isEqualTo(2);
    assertThat(err.toString()).contains("nothing is proven");

    assertThat(run("--way", "hope", "--store", store)).isEqualTo(2);
    assertThat(err.toString())
        .contains("[KEYS, TRANSACTION, FENCE, STEPS, NOTHING]")
        .contains("'hope'");
  }

  @Test
  void aGraphThatCannotBeCutIntoPiecesIsNoProof() {
    String store = "sqlite:" + directory.resolve("x.db");
    assertThat(run("graph", "--orders", "1000", "--store", store)).isEqualTo(2);
    assertThat(run("--store", store, "graph", "--kills", "1")).isEqualTo(2);
    assertThat(err.toString())
        .contains("orders must be more than 1000, was 1000")
        .contains("kills must be 2 to the number of orders, was 1:");
    assertThat(directory).isEmptyDirectory();
  }

  private int run(String... args) {
    CommandLine line = ProofCommand.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }
}
