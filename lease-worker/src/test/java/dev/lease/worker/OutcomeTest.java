package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.worker.Outcome.OutcomeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  @Test
  void rangesAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Outcome.retryAfter(Duration.ofSeconds(-1)))
        .withMessageContaining("PT-1S");
    assertThatIllegalArgumentException()
        .as("a snooze of no time would run in a circle")
        .isThrownBy(() -> Outcome.snooze(Duration.ZERO))
        .withMessageContaining("PT0S");
    assertThatIllegalArgumentException().isThrownBy(() -> Outcome.snooze(Duration.ofDays(9999)));
  }

  @Test
  void anExceptionKeepsItsOutcomeOverSerialization() throws Exception {
    OutcomeException said =
        Outcome.retryAfter(Duration.ofSeconds(37)).because("busy", new IOException("429"));
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(said);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      var read = (OutcomeException) in.readObject();
      assertThat(read.outcome()).isEqualTo(said.outcome()).hasToString("retry after PT37S");
      assertThat(read).hasMessage("busy").hasCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void anOutcomeCanBeReadAndCostsNoStackTrace() {
    Outcome snooze = Outcome.snooze(Duration.ofSeconds(5));
    assertThat(snooze.kind()).isEqualTo(Outcome.Kind.SNOOZE);
    assertThat(snooze.delay()).hasSeconds(5);
    assertThat(Outcome.fail().delay()).isZero();

    var cause = new IOException("429");
    assertThat(snooze.because("busy", cause).getStackTrace()).isEmpty();
    assertThat(snooze.because("busy", cause)).hasCause(cause);
    assertThat(cause.getStackTrace()).isNotEmpty();
  }

  /** [Y17] The name of the class says nothing to whoever reads the log, or the job's error. */
  @Test
  void aReasonIsPrintedAlone() {
    OutcomeException said = Outcome.discard().because("the account may not buy gold");
    assertThat(said).hasToString("the account may not buy gold");
    assertThat(ErrorText.line(said)).isEqualTo("the account may not buy gold");
    assertThat(ErrorText.of(said)).isEqualToIgnoringNewLines("the account may not buy gold");
    assertThat(ErrorText.line(new OutcomeException(Outcome.fail(), "closed", null) {}))
        .isEqualTo(getClass().getName() + "$1: closed");
  }

  @Test
  void theOutermostOutcomeAmongTheCausesIsWhatTheHandlerSaid() {
    OutcomeException inner = Outcome.fail().because("no account");
    OutcomeException outer = Outcome.discard().because("too old", inner);
    assertThat(Outcome.saidBy(new IOException(outer))).hasValue(Outcome.discard());
    assertThat(Outcome.saidBy(inner).map(Outcome::kind)).hasValue(Outcome.Kind.FAIL);
    assertThat(Outcome.saidBy(new IOException("boom"))).isEmpty();
  }
}
