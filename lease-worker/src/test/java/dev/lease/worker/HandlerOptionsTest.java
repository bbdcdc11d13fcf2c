package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.JobEvent.End;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HandlerOptionsTest {

  private static final JobType<String> TEXT = JobType.of("texts", "text", String.class);
  private static final JobType<String> OTHER = JobType.of("texts", "other", String.class);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  record Receipt(String number) {}

  private final ManualClock clock = new ManualClock();
  private final InMemoryBackend backend = new InMemoryBackend(clock);

  private static void fails(String text, JobContext context) {
    throw new IllegalStateException("on purpose");
  }

  private static HandlerOptions.Builder options() {
    return HandlerOptions.builder();
  }

  @Test
  void whatATypeDoesNotSayIsAsTheWorkerSays() {
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .defaults(options().retry(RetryPolicy.fixed(MINUTE)).maxRunTime(MINUTE).build())
                .handle(TEXT, HandlerOptionsTest::fails, RetryPolicy.fixed(Duration.ofHours(1)))
                .handle(OTHER, HandlerOptionsTest::fails));
    assertThat(worker.run(TEXT, "a").delay()).isBetween(Duration.ofHours(1), Duration.ofHours(2));
    assertThat(worker.run(OTHER, "b").delay()).isBetween(MINUTE, MINUTE.multipliedBy(2));
    assertThat(worker.job(TEXT, "c").overdue().run().failure()).hasMessage("on purpose");
  }

  @Test
  void afterSoManyFailuresAJobIsFailed() {
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .handle(TEXT, HandlerOptionsTest::fails, options().maxFailures(3).build()));
    assertThat(worker.job(TEXT, "a").attempt(2).run().end()).isEqualTo(End.RETRIED);
    TestedAttempt last = worker.job(TEXT, "b").attempt(3).run();
    assertThat(last.end()).isEqualTo(End.FAILED);
    Job job = backend.jobQueue().find("texts", last.jobId()).orElseThrow();
    assertThat(job.state()).isEqualTo(JobState.FAILED);
    assertThat(job.error()).contains("on purpose");
  }

  @Test
  void theNumberOfTheJobWins() {
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .handle(TEXT, HandlerOptionsTest::fails, options().maxFailures(3).build()));
    worker.client().enqueue(worker.client().job(TEXT, "a", "a").maxFailures(1).build());
    assertThat(worker.drain().get(0).end()).isEqualTo(End.FAILED);
    assertThat(worker.job(TEXT.withMaxFailures(4), "b").attempt(3).run().end())
        .isEqualTo(End.RETRIED);
  }

  @Test
  void aTestSaysHowManyAttemptsCrashedAndReadsAGenericStep() {
    Step<List<Receipt>> find = Step.of("find", RECEIPTS);
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .handle(
                    TEXT,
                    (text, context) -> {
                      var unused = context.step(find, () -> List.of(new Receipt(text)));
                      context.result(
                          "%d: %d and %d"
                              .formatted(context.attempt(), context.failures(), context.crashes()));
                    }));
    TestedAttempt attempt = worker.job(TEXT, "tom").attempt(3).crashes(1).run();
    assertThat(attempt.end()).isEqualTo(End.SUCCEEDED);
    assertThat(attempt.result(String.class)).contains("4: 2 and 1");
    assertThat(attempt.step(find)).containsExactly(new Receipt("tom"));
    refused("crashes must be 0 to 2, was 3", () -> worker.job(TEXT, "x").crashes(3).run());
  }

  @Test
  void aHandlerLearnsWhetherThisIsItsLastFailure() {
    JobHandler<String> handler =
        (text, context) -> context.result(context.failures() + " of " + context.maxFailures());
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .defaults(options().maxFailures(3).build())
                .handle(TEXT, handler)
                .handle(OTHER, handler, options().maxFailures(4).build()));
    assertThat(worker.job(TEXT, "a").attempt(3).run().result(String.class)).contains("2 of 3");
    assertThat(worker.run(OTHER, "a").result(String.class)).contains("0 of 4");
    assertThat(worker.run(TEXT.withMaxFailures(7), "a").result(String.class)).contains("0 of 7");
  }

  @Test
  void optionsAndStepsCanBeRead() {
    HandlerOptions none = options().build();
    assertThat(none.retry()).isSameAs(RetryPolicy.DEFAULT);
    assertThat(none.maxFailures()).isEqualTo(RetryPolicy.DEFAULT_MAX_FAILURES);
    assertThat(none.maxRunTime()).isNull();
    assertThat(none.maxUnreadableTime()).isEqualTo(Duration.ofDays(1));
    Step<String> step = Step.of("charge", String.class);
    assertThat(step.name()).isEqualTo("charge");
    assertThat(step.type()).isEqualTo(String.class);
    assertThat(step.keepsFailures()).isFalse();
    assertThat(step.keepFailure(IllegalStateException.class).keepsFailures()).isTrue();
  }

  private static @Nullable Receipt paid(String text) {
    return text.isEmpty() ? null : new Receipt(text);
  }

  @Test
  void whatAHandlerReturnsIsTheResultOfItsJob() throws Exception {
    JobType.Returning<String, Receipt> pay = TEXT.returning(Receipt.class);
    TestWorker worker =
        TestWorker.of(Worker.builder(backend).handle(pay, (text, context) -> paid(text)));
    JobClient client = worker.client();
    client.enqueue(client.job(pay, "one", "r1").build());
    client.enqueue(client.job(pay, "none", "").build());
    assertThat(client.find(pay, "one").flatMap(EnqueuedJob.Returning::result)).isEmpty();
    worker.drain();
    EnqueuedJob.Returning<String, Receipt> one = client.await(pay, "one", MINUTE);
    assertThat(one.result()).contains(new Receipt("r1"));
    assertThat(one.refresh().orElseThrow().result()).contains(new Receipt("r1"));
    Optional<Receipt> none = client.await(pay, "none", MINUTE).result();
    assertThat(none).isEmpty();
  }

  private static final TypeReference<List<Receipt>> RECEIPTS = new TypeReference<>() {};

  /** Notes as what a value is written. */
  private static final class Noting implements PayloadCodec {
    final List<String> written = new ArrayList<>();

    @Override
    public String write(@Nullable Object value, Type type, CodecContext context) {
      written.add(context.kind() + " " + type.getTypeName());
      return JacksonCodec.DEFAULT.write(value, type, context);
    }

    @Override
    public @Nullable Object read(String text, Type type, CodecContext context) {
      return JacksonCodec.DEFAULT.read(text, type, context);
    }
  }

  @Test
  void aResultIsWrittenAsTheTypeSays() {
    JobType.Returning<String, List<Receipt>> type = TEXT.returning(RECEIPTS);
    var codec = new Noting();
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .codec(codec)
                .handle(type, (text, context) -> new ArrayList<>(List.of(new Receipt(text)))));
    TestedAttempt attempt = worker.run(type, "tea");
    assertThat(codec.written).contains("RESULT " + RECEIPTS.type().getTypeName());
    List<Receipt> result =
        worker.client().find(type, attempt.jobId()).orElseThrow().result().orElseThrow();
    assertThat(result).containsExactly(new Receipt("tea"));
    assertThat(attempt.result(type)).contains(result);
    assertThat(attempt.result(RECEIPTS)).contains(result);
  }

  @Test
  void aKeptStepIsWrittenAsTheStepSays() {
    Step<List<Receipt>> find = Step.of("find", RECEIPTS);
    Step<String> none = Step.of("none", String.class);
    var codec = new Noting();
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .codec(codec)
                .handle(
                    TEXT,
                    (text, context) -> {
                      assertThat(context.step(none, () -> text)).isNull();
                      context.result(context.step(find, List::of).toString());
                    }));
    List<Receipt> kept = List.of(new Receipt("tea"));
    TestedAttempt attempt = worker.job(TEXT, "x").keptStep(find, kept).keptStep(none, null).run();
    assertThat(codec.written).contains("STEP " + RECEIPTS.type().getTypeName());
    assertThat(attempt.result(String.class)).contains(kept.toString());
  }

  @Test
  void aHandlerThatReturnsNothingIsRefusedForATypeThatReturns() {
    JobType.Returning<String, Receipt> pay = TEXT.returning(Receipt.class);
    refused("must return a " + Receipt.class.getName(), () -> handle(pay));
  }

  /** As by a user who has lost the type of the result on the way. */
  private void handle(JobType<String> type) {
    Worker.builder(backend).handle(type, HandlerOptionsTest::fails);
  }

  /** A bean. */
  private record Shouts(JobType.Returning<String, String> type)
      implements TypedJobHandler.Returning<String, String> {

    @Override
    public String call(String text, JobContext context) {
      return text + "!";
    }
  }

  @Test
  void aHandlerMayNameItsType() {
    TestWorker worker =
        TestWorker.of(
            Worker.builder(backend)
                .handle(new Shouts(TEXT.returning(String.class)))
                .handle(
                    new Shouts(OTHER.returning(String.class)),
                    options().maxRunTime(MINUTE).build()));
    assertThat(worker.run(TEXT, "tea").result(String.class)).contains("tea!");
    assertThat(worker.job(OTHER, "tea").overdue().run().end()).isEqualTo(End.SUCCEEDED);
  }

  @Test
  @SuppressWarnings("NullAway")
  void aValueOutOfRangeIsRefusedByNameAndRule() {
    refused("maxRunTime must not be null", () -> options().maxRunTime(null));
    refused("maxRunTime must be PT0.001S to", () -> options().maxRunTime(Duration.ZERO));
    refused(
        "maxRunTime must be PT0.001S to", () -> options().maxRunTime(Duration.ofNanos(999_999)));
    refused(
        "maxRunTime must be PT0.001S to PT8760H",
        () -> options().maxRunTime(Duration.ofDays(365).plusNanos(1)));
    refused(
        "maxUnreadableTime must be PT0S to",
        () -> options().maxUnreadableTime(Duration.ofNanos(-1)));
    refused("maxFailures must be 1 to", () -> options().maxFailures(0));
    refused("retry must not be null", () -> options().retry(null));
    refused("config must not be null", () -> Worker.builder(backend).config(null));
    refused("defaults must not be null", () -> Worker.builder(backend).defaults(null));
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }
}
