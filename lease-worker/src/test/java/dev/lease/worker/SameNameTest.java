package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lease.JobState;
import dev.lease.testkit.InMemoryBackend;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SameNameTest {

  private static final JobType<String> TYPE = JobType.of("orders", "place-order", String.class);

  @Test
  void twoWorkersOfOneNameDoNotTakeEachOthersJobs() {
    Map<String, Integer> runs = new ConcurrentHashMap<>();
    var bothAtWork = new CountDownLatch(2);
    try (var backend = new InMemoryBackend(Clock.systemUTC());
        var one = worker(backend, runs, bothAtWork);
        var two = worker(backend, runs, bothAtWork)) {
      var client = new JobClient(backend.jobQueue());
      client.enqueue(
          IntStream.range(0, 100).mapToObj(i -> client.job(TYPE, "job-" + i, "").build()).toList());
      one.start();
      two.start();

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(backend.jobAdmin().counts())
                      .allSatisfy(c -> assertThat(c.count(JobState.DONE)).isEqualTo(100)));
      assertThat(runs).hasSize(100).allSatisfy((id, times) -> assertThat(times).isEqualTo(1));
      assertThat(one.status().lost() + two.status().lost()).isZero();
      assertThat(one.status().worker()).isEqualTo(two.status().worker());
    }
  }

  /** Nobody goes on before the other has a job as well. */
  private static Worker worker(
      InMemoryBackend backend, Map<String, Integer> runs, CountDownLatch bothAtWork) {
    return Worker.builder(backend.jobQueue())
        .config(WorkerConfig.builder().name("bob").concurrency(1).lookAhead(0).build())
        .handle(
            TYPE,
            (payload, context) -> {
              runs.merge(context.jobId(), 1, Integer::sum);
              bothAtWork.countDown();
              bothAtWork.await();
            })
        .build();
  }
}
