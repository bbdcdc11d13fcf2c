package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RedactorTest {

  @TempDir Path folder;

  private TestConsole open() {
    return TestConsole.open(
        folder, all -> all.redactor(text -> text.replaceAll("tok=[^;]*;", "tok=***;")));
  }

  @Test
  @DisplayName("a secret that is longer than the line of a group stands nowhere")
  void cut() {
    try (TestConsole test = open()) {
      test.fail("orders", "order-1", "tok=" + "sesame".repeat(50) + "; refused");
      test.fail("orders", "order-2", "tok=sesame\nsesame; refused");
      assertThat(test.get("/").body())
          .contains("tok=***;")
          .contains(">2</td>")
          .doesNotContain("sesame", "Retry these");
      assertThat(test.get("/jobs?error=tok%3D***").body())
          .contains("order-1", "order-2")
          .doesNotContain("sesame", "All that match");
    }
  }

  @Test
  @DisplayName("how far a list went does not tell what the redactor took out")
  void guess() {
    try (TestConsole test = open()) {
      test.backend()
          .jobQueue()
          .enqueue(
              IntStream.range(0, 120)
                  .mapToObj(i -> NewJob.builder("q", "job-" + i, "mail", "{}").build())
                  .toList());
      List<Settlement> failed =
          test
              .backend()
              .jobQueue()
              .claim(ClaimRequest.of("q", "w", 120, Duration.ofHours(1)))
              .jobs()
              .stream()
              .<Settlement>map(job -> Settlement.failed(job.lease(), "tok=sesame; down"))
              .toList();
      test.backend().jobQueue().settle(failed);
      for (String guess : List.of("tok%3Ds", "tok%3Dx")) {
        assertThat(test.get("/jobs?error=" + guess).body())
            .as(guess)
            .contains("No job.", "Looked at 120 jobs.")
            .doesNotContain("Go on");
      }
      assertThat(test.get("/jobs?error=down").body()).contains("Looked at 50 jobs.", "Go on");
    }
  }
}
