package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.codec.CompressingCodec;
import dev.lease.worker.codec.EncryptingCodec;
import dev.lease.worker.codec.Jackson2Codec;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import dev.lease.worker.codec.TestKeys;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The cases of the page docs/payloads.md: a program writes a payload, and another reads it. */
class ChangingPayloadsTest {

  private static final JobQueue JOBS = new InMemoryBackend(new ManualClock()).jobQueue();
  private static final PayloadCodec JSON = JacksonCodec.DEFAULT;
  private static final byte[] KEY = TestKeys.key(1);
  private static final byte[] NEXT = TestKeys.key(2);

  enum Size {
    SMALL,
    LARGE
  }

  enum MoreSizes {
    SMALL,
    LARGE,
    HUGE
  }

  record Order(String item, int amount) {}

  record WithNote(String item, int amount, @Nullable String note) {}

  record WithDefault(String item, int amount, String currency) {
    @SuppressWarnings("NullAway") // What is absent is null.
    WithDefault {
      currency = currency == null ? "EUR" : currency;
    }
  }

  record WithDiscount(String item, int amount, int discount) {}

  record Renamed(String product, int amount) {}

  record RenamedNumber(String item, int count) {}

  record WithoutItem(int amount) {}

  record WithoutAmount(String item) {}

  record LongAmount(String item, long amount) {}

  record TextAmount(String item, String amount) {}

  record Sized(Size size) {}

  record SizedMore(MoreSizes size) {}

  record Money(int amount, String currency) {}

  record At(Instant time) {}

  private static <T> JobType<T> type(Class<T> payload) {
    return JobType.of("orders", "order", payload);
  }

  private static <W, R> R passed(JobType<W> writer, W payload, JobType<R> reader)
      throws UnreadablePayloadException {
    return passed(writer, payload, JSON, reader, JSON);
  }

  private static <W, R> R passed(
      JobType<W> writer, W payload, PayloadCodec writes, JobType<R> reader, PayloadCodec reads)
      throws UnreadablePayloadException {
    NewJob job =
        JobClient.builder(Parts.of(JOBS)).codec(writes).build().job(writer, "a", payload).build();
    var lease = JobLease.of(job.queue(), job.id(), "w", 1, Instant.EPOCH);
    var claimed =
        ClaimedJob.builder(lease, job.type(), job.payload())
            .dueAt(Instant.EPOCH)
            .claimedAt(Instant.EPOCH)
            .headers(job.headers())
            .build();
    return reader.payload().read(claimed, reads, PayloadFormat.context(claimed));
  }

  private static <W, R> void unreadable(JobType<W> writer, W payload, JobType<R> reader) {
    unreadable(writer, payload, JSON, reader, JSON);
  }

  private static <W, R> void unreadable(
      JobType<W> writer, W payload, PayloadCodec writes, JobType<R> reader, PayloadCodec reads) {
    assertThatThrownBy(() -> passed(writer, payload, writes, reader, reads))
        .isInstanceOf(UnreadablePayloadException.class);
  }

  private static final JobType<Order> ORDER = type(Order.class);
  private static final Order TEA = new Order("tea", 2);

  @Test
  @DisplayName("a field that may be absent is null in old jobs, and dropped by old workers")
  @SuppressWarnings("NullAway")
  void optionalField() throws Exception {
    assertThat(passed(ORDER, TEA, type(WithNote.class))).isEqualTo(new WithNote("tea", 2, null));
    assertThat(passed(type(WithNote.class), new WithNote("tea", 2, "hot"), ORDER)).isEqualTo(TEA);
    assertThat(passed(ORDER, TEA, type(WithDefault.class)).currency()).isEqualTo("EUR");
  }

  @Test
  @DisplayName("a primitive makes old jobs unreadable, and is dropped by old workers")
  void primitive() throws Exception {
    unreadable(ORDER, TEA, type(WithDiscount.class));
    assertThat(passed(type(WithDiscount.class), new WithDiscount("tea", 2, 1), ORDER))
        .isEqualTo(TEA);
  }

  @Test
  @DisplayName("a new field that old workers must not drop needs a version")
  void mustNotBeDropped() throws Exception {
    JobType<WithDiscount> second =
        type(WithDiscount.class)
            .withVersion(2)
            .withUpcaster(1, Order.class, old -> new WithDiscount(old.item(), old.amount(), 0));
    assertThat(passed(ORDER, TEA, second)).isEqualTo(new WithDiscount("tea", 2, 0));
    unreadable(second, new WithDiscount("tea", 2, 1), ORDER);
  }

  @Test
  @DisplayName("a renamed field is null on either side, or unreadable if it is a primitive")
  @SuppressWarnings("NullAway")
  void rename() throws Exception {
    assertThat(passed(ORDER, TEA, type(Renamed.class))).isEqualTo(new Renamed(null, 2));
    assertThat(passed(type(Renamed.class), new Renamed("tea", 2), ORDER))
        .isEqualTo(new Order(null, 2));
    unreadable(ORDER, TEA, type(RenamedNumber.class));
    unreadable(type(RenamedNumber.class), new RenamedNumber("tea", 2), ORDER);
    JobType<Renamed> second =
        type(Renamed.class)
            .withVersion(2)
            .withUpcaster(1, Order.class, old -> new Renamed(old.item(), old.amount()));
    assertThat(passed(ORDER, TEA, second)).isEqualTo(new Renamed("tea", 2));
    unreadable(second, new Renamed("tea", 2), ORDER);
  }

  @Test
  @DisplayName("a removed field is ignored in old jobs; old workers miss it")
  @SuppressWarnings("NullAway")
  void remove() throws Exception {
    assertThat(passed(ORDER, TEA, type(WithoutItem.class))).isEqualTo(new WithoutItem(2));
    assertThat(passed(type(WithoutItem.class), new WithoutItem(2), ORDER))
        .isEqualTo(new Order(null, 2));
    unreadable(type(WithoutAmount.class), new WithoutAmount("tea"), ORDER);
  }

  @Test
  @DisplayName("a field of another type is read where the text allows it")
  void anotherType() throws Exception {
    assertThat(passed(ORDER, TEA, type(LongAmount.class)).amount()).isEqualTo(2);
    assertThat(passed(type(LongAmount.class), new LongAmount("tea", 2), ORDER)).isEqualTo(TEA);
    unreadable(type(LongAmount.class), new LongAmount("tea", 1L << 40), ORDER);
    assertThat(passed(ORDER, TEA, type(TextAmount.class)).amount()).isEqualTo("2");
    assertThat(passed(type(TextAmount.class), new TextAmount("tea", "2"), ORDER)).isEqualTo(TEA);
    unreadable(type(TextAmount.class), new TextAmount("tea", "two"), ORDER);
  }

  @Test
  @DisplayName("a new constant of an enum is unreadable for old workers")
  void enumConstant() throws Exception {
    assertThat(passed(type(Sized.class), new Sized(Size.LARGE), type(SizedMore.class)).size())
        .isEqualTo(MoreSizes.LARGE);
    unreadable(type(SizedMore.class), new SizedMore(MoreSizes.HUGE), type(Sized.class));
  }

  @Test
  @DisplayName("another class is a new version, with an upcaster from each earlier one")
  void anotherClass() throws Exception {
    JobType<Integer> first = type(Integer.class);
    JobType<List<Integer>> second =
        JobType.of("orders", "order", new TypeReference<List<Integer>>() {}).withVersion(2);
    JobType<Money> third =
        type(Money.class)
            .withVersion(3)
            .withUpcaster(1, Integer.class, amount -> new Money(amount, "EUR"))
            .withUpcaster(
                2,
                new TypeReference<List<Integer>>() {},
                amounts -> new Money(amounts.stream().mapToInt(Integer::intValue).sum(), "EUR"));
    assertThat(passed(first, 5, third)).isEqualTo(new Money(5, "EUR"));
    assertThat(passed(second, List.of(5, 6), third)).isEqualTo(new Money(11, "EUR"));
    assertThat(passed(third, new Money(7, "USD"), third)).isEqualTo(new Money(7, "USD"));
    unreadable(third, new Money(7, "USD"), second);
    unreadable(first, 5, second);
    unreadable(first, 5, type(Money.class).withVersion(2).withUpcaster(1, Integer.class, this::no));
  }

  private Money no(int amount) {
    throw new IllegalStateException("no currency for " + amount);
  }

  @Test
  @DisplayName("the name of a class is not stored; a type that is renamed keeps its old name too")
  void renamedType() throws Exception {
    assertThat(passed(type(Order.class), TEA, type(LongAmount.class)).item()).isEqualTo("tea");
    JobType<Order> renamed = JobType.of("orders", "place-order", Order.class);
    Parts.worker(JOBS)
        .handle(renamed, (order, context) -> {})
        .handle(ORDER, (order, context) -> {})
        .build();
  }

  @Test
  @DisplayName("compression: new workers read old jobs, old ones do not read new jobs")
  void compression() throws Exception {
    PayloadCodec gzip = CompressingCodec.of(JSON);
    Order large = new Order("tea".repeat(1_000), 2);
    assertThat(passed(ORDER, large, JSON, ORDER, gzip)).isEqualTo(large);
    assertThat(passed(ORDER, large, gzip, ORDER, gzip)).isEqualTo(large);
    assertThat(passed(ORDER, TEA, gzip, ORDER, JSON)).as("a short one").isEqualTo(TEA);
    unreadable(ORDER, large, gzip, ORDER, JSON);
  }

  @Test
  @DisplayName(
      "encryption: new workers read plain jobs while they are told to, old ones no new jobs")
  void encryption() throws Exception {
    EncryptingCodec aes = EncryptingCodec.of(JSON, "1", KEY);
    assertThat(passed(ORDER, TEA, JSON, ORDER, aes.withPlainTexts())).isEqualTo(TEA);
    assertThat(passed(ORDER, TEA, aes, ORDER, aes.withPlainTexts())).isEqualTo(TEA);
    unreadable(ORDER, TEA, JSON, ORDER, aes);
    unreadable(ORDER, TEA, aes, ORDER, JSON);
  }

  @Test
  @DisplayName("a key is rotated in three steps, in each of which all jobs are read")
  void rotation() throws Exception {
    EncryptingCodec before = EncryptingCodec.of(JSON, "1", KEY);
    EncryptingCodec known = before.withOldKey("2", NEXT);
    EncryptingCodec current = EncryptingCodec.of(JSON, "2", NEXT).withOldKey("1", KEY);
    EncryptingCodec after = EncryptingCodec.of(JSON, "2", NEXT);
    assertThat(passed(ORDER, TEA, before, ORDER, known)).isEqualTo(TEA);
    assertThat(passed(ORDER, TEA, known, ORDER, before)).isEqualTo(TEA);
    assertThat(passed(ORDER, TEA, known, ORDER, current)).isEqualTo(TEA);
    assertThat(passed(ORDER, TEA, current, ORDER, known)).isEqualTo(TEA);
    assertThat(passed(ORDER, TEA, current, ORDER, after)).isEqualTo(TEA);
    unreadable(ORDER, TEA, before, ORDER, after);
  }

  @Test
  @DisplayName("Jackson 2 and 3 read each other's jobs, if Jackson 2 is as strict and as lenient")
  void jackson2() throws Exception {
    PayloadCodec bare = Jackson2Codec.of(new ObjectMapper());
    PayloadCodec alike =
        Jackson2Codec.of(
            new ObjectMapper()
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES));
    JobType<WithDiscount> more = type(WithDiscount.class);
    WithDiscount discount = new WithDiscount("tea", 2, 1);

    assertThat(passed(ORDER, TEA, JSON, ORDER, alike)).isEqualTo(TEA);
    assertThat(passed(ORDER, TEA, alike, ORDER, JSON)).isEqualTo(TEA);
    unreadable(ORDER, TEA, alike, more, alike);
    assertThat(passed(more, discount, alike, ORDER, alike)).isEqualTo(TEA);

    assertThat(passed(ORDER, TEA, bare, more, bare).discount()).as("absent").isZero();
    unreadable(more, discount, bare, ORDER, bare);
    At now = new At(Instant.EPOCH);
    assertThat(passed(type(At.class), now, type(At.class))).isEqualTo(now);
    assertThatIllegalArgumentException()
        .as("times need a module")
        .isThrownBy(() -> passed(type(At.class), now, bare, type(At.class), bare));
  }
}
