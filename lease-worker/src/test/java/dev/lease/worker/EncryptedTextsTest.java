package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.Settlement;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.JobEvent.End;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.EncryptingCodec;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.TestKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/**
 * Whoever can write to the store, but has no key, changes nothing that a handler believes [W35].
 */
class EncryptedTextsTest {

  private static final EncryptingCodec CODEC =
      EncryptingCodec.of(JacksonCodec.DEFAULT, "k", TestKeys.key(1));
  private static final JobType<String> PAY = JobType.of("orders", "pay", String.class);
  private static final Step<Receipt> CHARGE =
      Step.of("charge", Receipt.class).keepFailure(IllegalStateException.class);

  record Receipt(String number, String message) {}

  private final ManualClock clock = new ManualClock();
  private final InMemoryBackend backend = new InMemoryBackend(clock);
  private final JobQueue jobs = backend.jobQueue();
  private final List<String> ran = new ArrayList<>();

  private TestWorker worker(Schedule... schedules) {
    Worker.Builder builder =
        Worker.builder(backend)
            .codec(CODEC)
            .handle(
                PAY,
                (payload, context) -> {
                  ran.add(payload);
                  try {
                    context.step(CHARGE, () -> new Receipt("new", "new"));
                  } catch (StepFailedException e) {
                    ran.add("failed: " + e.failure());
                  }
                });
    List.of(schedules).forEach(builder::schedule);
    return TestWorker.of(builder);
  }

  /** A job whose step an attacker has kept, by texts of the same step of this and another job. */
  private TestedAttempt attacked(BiFunction<CodecContext, CodecContext, String> kept) {
    TestWorker worker = worker();
    worker.client().enqueue(worker.client().job(PAY, "a", "tea").build());
    ClaimedJob job =
        jobs.claim(ClaimRequest.of("orders", "attacker", 1, Duration.ofMinutes(1))).jobs().get(0);
    CodecContext own = PayloadFormat.context(job);
    CodecContext other = CodecContext.of("orders", "pay", "b", Map.of());
    jobs.checkpoint(job.lease(), "charge", kept.apply(own, other));
    jobs.settle(List.of(Settlement.released(job.lease(), Duration.ZERO)));
    return worker.drain().get(0);
  }

  private static String value(CodecContext context) {
    return CODEC.write(new Receipt("r1", "paid"), Receipt.class, context.ofStep("charge"));
  }

  private static String failure(CodecContext context) {
    return KeptFailure.of(new IllegalStateException("no money"))
        .written(CODEC, context.ofStepFailure("charge"));
  }

  private static void assertUnreadable(TestedAttempt attempt) {
    assertThat(attempt.end()).as("%s", attempt).isEqualTo(End.RETRIED);
    assertThat(attempt.failure()).hasMessageContaining("step \"charge\" cannot be read");
  }

  @Test
  void whatIsNotTouchedIsRead() {
    assertThat(attacked((own, other) -> value(own)).end()).isEqualTo(End.SUCCEEDED);
    assertThat(ran).containsExactly("tea");
  }

  @Test
  void aKeptFailureIsRead() {
    assertThat(attacked((own, other) -> failure(own)).end()).isEqualTo(End.SUCCEEDED);
    assertThat(ran).containsExactly("tea", "failed: java.lang.IllegalStateException");
  }

  @Test
  void aValueThatIsMarkedAsAFailureIsNoFailure() {
    assertUnreadable(attacked((own, other) -> "failed:" + value(own)));
  }

  @Test
  void aFailureWithoutItsMarkIsNoValue() {
    assertUnreadable(attacked((own, other) -> failure(own).substring("failed:".length())));
  }

  @Test
  void aStepOfAnotherJobIsNoneOfThisOne() {
    assertUnreadable(attacked((own, other) -> value(other)));
    assertThat(ran).containsExactly("tea");
  }

  @Test
  void anotherStepAndThePayloadAreNoneOfThisStep() {
    assertUnreadable(
        attacked((own, other) -> CODEC.write("tea", String.class, own.ofStep("mail"))));
  }

  @Test
  void thePayloadIsNoStep() {
    assertUnreadable(attacked((own, other) -> CODEC.write("tea", String.class, own)));
  }

  @Test
  void eachFiringOfAScheduleHasAPayloadOfItsOwn() {
    TestWorker worker = worker(Schedule.every("tick", PAY, "tick", Duration.ofMinutes(1)));
    clock.advance(Duration.ofMinutes(1));
    worker.drain();
    assertThat(ran).containsExactly("tick");

    String now = Schedules.of(backend, CODEC).runNow("orders", "tick", "1").orElseThrow().id();
    worker.drain();
    assertThat(ran).containsExactly("tick", "tick");
    assertThat(worker.client().find(PAY, now).orElseThrow().payload()).isEqualTo("tick");

    String before = backend.jobAdmin().counts().toString();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedules.of(backend).runNow("orders", "tick", "2"))
        .withMessageContaining("cannot be read");
    assertThat(backend.jobAdmin().counts()).hasToString(before);
  }
}
