package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobQueue;
import dev.lease.JobState;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SameNameTest extends WorkerFixture {

  @Test
  void twoWorkersOfOneNameDoNotTakeEachOthersJobs() {
    Map<String, Integer> runs = new ConcurrentHashMap<>();
    CountDownLatch bothAtWork = latch(2);
    String[] ids = IntStream.range(0, 100).mapToObj(i -> "job-" + i).toArray(String[]::new);
    enqueue(ids);
    Worker one = start(worker(backend.jobQueue(), runs, bothAtWork));
    Worker two = start(worker(again().jobQueue(), runs, bothAtWork));

    eventually(() -> done() == ids.length);
    assertThat(runs).hasSize(ids.length).allSatisfy((id, times) -> assertThat(times).isEqualTo(1));
    assertThat(one.status().lost() + two.status().lost()).isZero();
    assertThat(one.status().worker()).isEqualTo(two.status().worker());
  }

  /** Nobody goes on before the other has a job as well. */
  private static Worker.Builder worker(
      JobQueue jobs, Map<String, Integer> runs, CountDownLatch bothAtWork) {
    return Parts.worker(jobs)
        .config(config().name("bob").build())
        .handle(
            TEXT,
            (payload, context) -> {
              runs.merge(context.jobId(), 1, Integer::sum);
              bothAtWork.countDown();
              pass(bothAtWork);
            });
  }

  private long done() {
    return admin.counts().queues().stream().mapToLong(each -> each.count(JobState.DONE)).sum();
  }
}
