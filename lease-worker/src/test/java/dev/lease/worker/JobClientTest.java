package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Enqueued;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JobClientTest extends WorkerFixture {

  record Order(String item, int amount) {}

  private static final JobType<Order> ORDER = JobType.of("orders", "order", Order.class);

  @Test
  void aJobCarriesItsPayloadAsJsonAndTheAttemptsOfItsType() {
    Enqueued enqueued = client.enqueue(ORDER.withMaxCrashes(7), new Order("tea", 2));
    assertThat(enqueued.created()).isTrue();
    var job = jobs.find("orders", enqueued.id()).orElseThrow();
    assertThat(job.payload()).isEqualTo("{\"item\":\"tea\",\"amount\":2}");
    assertThat(job.type()).isEqualTo("order");
    assertThat(job.maxCrashes()).isEqualTo(7);
    assertThat(ORDER.maxCrashes()).isNull();
  }

  private static final class Secretive {
    @SuppressWarnings("unused")
    private final int amount = 1;
  }

  @Test
  @DisplayName("Y4 a payload that the codec cannot see into is refused before it is stored")
  void aPayloadThatTheCodecCannotSeeIntoIsRefused() {
    JobType<Secretive> type = JobType.of("orders", "secretive", Secretive.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> client.enqueue(type, new Secretive()))
        .withMessageContaining(Secretive.class.getName())
        .withMessageContaining("make it a record");
    assertThat(admin.counts().queues()).isEmpty();
    Worker.Builder worker =
        Parts.worker(jobs)
            .handle(type, (context, payload) -> {})
            .schedule(Schedule.every("all", type, new Secretive(), FAR));
    assertThatIllegalArgumentException()
        .isThrownBy(worker::build)
        .withMessageContaining(Secretive.class.getName());
  }

  @Test
  @DisplayName("a batch of which a job has a key is refused as a whole where the store has no keys")
  void keysWithoutKeys() {
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < Limits.MAX_BATCH; i++) {
      batch.add(client.job(ORDER, "o" + i, new Order("tea", 1)).build());
    }
    batch.add(client.job(ORDER.withKey(Order::item), "last", new Order("tea", 1)).build());
    assertThatThrownBy(() -> client.enqueue(batch))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContainingAll("KEYS", "last", "tea", "leave the key");
    assertThat(admin.counts().queues()).isEmpty();
  }

  @Test
  void aClientHasNumbersForTypesThatDoNotSayThem() {
    JobClient patient = JobClient.builder(Parts.of(jobs)).maxCrashes(5).maxFailures(6).build();
    for (JobClient same : List.of(patient, patient.in(jobs::enqueue))) {
      NewJob job = same.job(ORDER, new Order("tea", 1)).build();
      assertThat(job.maxCrashes()).isEqualTo(5);
      assertThat(job.maxFailures()).isEqualTo(6);
      JobType<Order> type = ORDER.withMaxCrashes(NewJob.DEFAULT_MAX_CRASHES).withMaxFailures(1);
      NewJob ofType = same.job(type.in("other"), new Order("tea", 1)).build();
      assertThat(ofType.maxCrashes()).isEqualTo(NewJob.DEFAULT_MAX_CRASHES);
      assertThat(ofType.maxFailures()).isEqualTo(1);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JobClient.builder(Parts.of(jobs)).maxCrashes(0))
        .withMessageContaining("maxCrashes must be 1 to");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JobClient.builder(Parts.of(jobs)).maxFailures(0))
        .withMessageContaining("maxFailures must be 1 to");
  }

  @Test
  void aHeaderOfLeasesOwnKeepsItsValue() {
    NewJob.Builder job = client.job(ORDER.withVersion(3), new Order("tea", 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job.headers(Map.of("lease-payload-version", "2")))
        .withMessageContainingAll("lease-payload-version", "must stay \"3\"", "was \"2\"");
    assertThat(job.headers(Map.of("lease-payload-version", "3")).build().headers())
        .containsOnly(Map.entry("lease-payload-version", "3"));
  }

  /** Writes the tenant before a text, as a codec does that has a key for each. */
  private static final class OfTenant implements PayloadCodec {

    private static String prefix(CodecContext context) {
      return context.headers().get("tenant") + ":";
    }

    @Override
    public String write(@Nullable Object value, Type type, CodecContext context) {
      return prefix(context) + JacksonCodec.DEFAULT.write(value, type, context);
    }

    @Override
    public @Nullable Object read(String text, Type type, CodecContext context) {
      assertThat(text).startsWith(prefix(context));
      String json = text.substring(prefix(context).length());
      return JacksonCodec.DEFAULT.read(json, type, context);
    }
  }

  @Test
  void aCodecSeesTheHeadersOfAJobWhenItWritesThePayload() {
    Map<String, String> acme = Map.of("tenant", "acme");
    Worker.Builder builder =
        Parts.worker(jobs)
            .codec(new OfTenant())
            .handle(ORDER, (order, context) -> context.result(order.item()));
    TestWorker worker = TestWorker.of(builder);
    worker.client().enqueue(worker.client().job(ORDER, "a", new Order("tea", 1), acme).build());
    assertThat(jobs.find("orders", "a").orElseThrow().payload()).startsWith("acme:");
    assertThat(worker.drain().get(0).result(String.class)).contains("tea");
    assertThat(worker.job(ORDER, new Order("tea", 1)).headers(acme).run().result(String.class))
        .contains("tea");
  }

  @Test
  void aHandlerPassesItsHeadersOnToJobsOfOtherVersions() {
    JobType<String> parent = JobType.of("texts", "parent", String.class).withVersion(2);
    JobType<String> newer = JobType.of("texts", "newer", String.class).withVersion(3);
    JobType<String> first = JobType.of("texts", "first", String.class);
    JobClient awaited = JobClient.builder(Parts.of(jobs)).finishHints().build();
    TestWorker worker =
        TestWorker.of(
            Parts.worker(jobs)
                .handle(
                    parent,
                    (text, context) -> {
                      Map<String, String> own = context.headers();
                      assertThat(own).isEqualTo(Map.of("tenant", "acme"));
                      JobClient client = JobClient.of(Parts.of(jobs));
                      client.enqueue(client.job(newer, "newer", "").headers(own).build());
                      client.enqueue(client.job(first, "first", "").headers(own).build());
                      Map<String, String> raw =
                          jobs.find(parent.queue(), context.jobId()).orElseThrow().headers();
                      client.enqueue(client.job(first, "raw", "", raw).build());
                    })
                .handle(newer, (text, context) -> context.result(context.headers()))
                .handle(first, (text, context) -> context.result(context.headers())));

    awaited.enqueue(awaited.job(parent, "parent", "", Map.of("tenant", "acme")).build());
    assertThat(worker.drain()).hasSize(4);
    assertThat(List.of("parent", "newer", "first", "raw"))
        .allSatisfy(
            id ->
                assertThat(jobs.find("texts", id).orElseThrow().state()).isEqualTo(JobState.DONE));
    assertThat(jobs.find("texts", "raw").orElseThrow().headers())
        .isEqualTo(Map.of("tenant", "acme"));
  }

  @Test
  void idsAreTimeOrderedUuids() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add(client.job(ORDER, new Order("tea", i)).build().id());
    }
    assertThat(ids).isSorted().doesNotHaveDuplicates();
    assertThat(UUID.fromString(ids.get(0)).version()).isEqualTo(7);
  }

  @Test
  void anIdOfTheCallersMakesOneJobHoweverOftenItIsEnqueued() {
    NewJob job = client.job(ORDER, "order-1", new Order("tea", 1)).priority(9).build();
    assertThat(client.enqueue(job)).isEqualTo(Enqueued.of("order-1", true));
    assertThat(client.enqueue(job)).isEqualTo(Enqueued.of("order-1", false));
  }

  @Test
  void anyNumberOfJobsGoesInBatchesAndIsAnsweredInOrder() {
    var sizes = new CopyOnWriteArrayList<Integer>();
    JobClient counting =
        client.in(
            batch -> {
              sizes.add(batch.size());
              return jobs.enqueue(batch);
            });
    List<NewJob> all = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      all.add(client.job(ORDER, "order-" + i, new Order("tea", i)).build());
    }
    List<Enqueued> answers = counting.enqueue(all);
    assertThat(sizes).containsExactly(1_000, 1_000, 500);
    assertThat(answers).extracting(Enqueued::id).isEqualTo(all.stream().map(NewJob::id).toList());
    assertThat(client.enqueue(List.of())).isEmpty();
  }

  @Test
  @DisplayName("interceptors run in the order in which they were added, around whatever stores")
  void interceptors() {
    var calls = new ArrayList<String>();
    JobClient intercepted =
        client
            .intercept(noted("outer", calls))
            .in(
                batch -> {
                  calls.add("store " + new TreeSet<>(batch.get(0).headers().keySet()));
                  return jobs.enqueue(batch);
                })
            .intercept(noted("inner", calls));
    Enqueued enqueued = intercepted.enqueue(ORDER, new Order("tea", 1));
    assertThat(calls).containsExactly("outer", "inner", "store [inner, outer]");
    assertThat(jobs.find(ORDER.queue(), enqueued.id()).orElseThrow().headers())
        .containsOnlyKeys("outer", "inner");
    client.enqueue(ORDER, new Order("tea", 2));
    assertThat(calls).hasSize(3);
  }

  /** Adds a header to each job. */
  private static ClientInterceptor noted(String name, List<String> calls) {
    return (batch, call) -> {
      calls.add(name);
      return call.enqueue(
          batch.stream()
              .map(job -> job.toBuilder().headers(new TreeMap<>(Map.of(name, "x"))).build())
              .toList());
    };
  }

  @Test
  @SuppressWarnings("NullAway")
  void badArgumentsAreRefusedBeforeAnythingIsSent() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> client.enqueue(ORDER, null))
        .withMessageContaining("payload");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> client.in(null))
        .withMessageContaining("store");
    assertThatIllegalArgumentException().isThrownBy(() -> JobType.of("", "x", String.class));
    assertThatIllegalArgumentException().isThrownBy(() -> JobType.of("x", " ", String.class));
    assertThatIllegalArgumentException().isThrownBy(() -> ORDER.withMaxCrashes(0));
  }
}
