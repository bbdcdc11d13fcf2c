package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement.Result;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Queues: two calls that race for a job, mostly when its lease expires [Q03, Q09, Q15, Q29]. */
abstract class JobRaceContract extends JobFailureContract {

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q29 when its lease expires a job is either settled or claimed again, never both")
  void settleAgainstClaim() throws Exception {
    var raced = new RacedJobs(this);
    new Race<>(raced::make)
        .run(
            it -> raced.settle(it, SettlementKind.DONE),
            raced::claim,
            (it, settled, claimed) -> {
              Job job = raced.stored(it);
              if (settled == Result.ACCEPTED) {
                assertThat(claimed).as("claim of a job whose settlement was accepted").isEmpty();
                assertThat(job.state()).as("state").isEqualTo(JobState.DONE);
                assertThat(job.attempts()).as("attempts").isEqualTo(1);
              } else {
                assertThat(claimed).as("claim of a job whose settlement was lost").hasSize(1);
                assertThat(job.lease()).as("stored lease").isEqualTo(claimed.get(0).lease());
                assertThat(job.attempts()).as("attempts").isEqualTo(2);
              }
            });
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q29 when its lease expires a job is either extended or claimed again, never both")
  void extendAgainstClaim() throws Exception {
    var raced = new RacedJobs(this);
    new Race<>(raced::make)
        .run(
            raced::extend,
            raced::claim,
            (it, extended, claimed) -> {
              Job job = raced.stored(it);
              if (extended instanceof Extension.Held held) {
                assertThat(claimed).as("claim of a job that was extended").isEmpty();
                assertThat(job.token()).as("token").isEqualTo(it.lease().token());
                assertThat(offered("lease of the job", job.lease()).expiresAt())
                    .as("expiry")
                    .isEqualTo(held.expiresAt());
              }
              assertThat(job.attempts()).as("attempts").isEqualTo(1 + claimed.size());
              if (claimed.isEmpty() && raced.isOver(extended)) {
                assertThat(raced.claimNow(it))
                    .as("the next claim, after neither call got the job")
                    .hasSize(1);
              }
            });
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q09 an enqueue of an id that races with the job's settlement creates no second job")
  void enqueueAgainstSettle() throws Exception {
    JobQueue one = bare.one.jobQueue();
    JobQueue two = bare.two.jobQueue();
    var raced = new RacedJobs(this);
    new Race<>(raced::make)
        .run(
            it -> one.settle(List.of(SettlementKind.DONE.of(it.lease()))).get(0),
            it -> {
              String queue = it.lease().queue();
              return two.enqueue(
                  List.of(
                      NewJob.builder(queue, "job", "kit", "again").build(),
                      NewJob.builder(queue, "next", "kit", "next").dedupKey("key").build()));
            },
            (it, settled, enqueued) -> {
              String queue = it.lease().queue();
              assertThat(settled).as("settlement").isEqualTo(Result.ACCEPTED);
              assertThat(enqueued.get(0))
                  .as("enqueue of the id")
                  .isEqualTo(Enqueued.of("job", false));
              assertThat(raced.stored(it).state()).as("state").isEqualTo(JobState.DONE);
              Enqueued next = enqueued.get(1);
              assertThat(next.id())
                  .as("the job with the dedup key")
                  .isEqualTo(next.created() ? "next" : "job");
              assertThat(two.find(queue, "next").isPresent())
                  .as("whether the next job with the dedup key exists")
                  .isEqualTo(next.created());
            });
  }

  @Test
  @Tag(Tags.RACE)
  @Since(2)
  @DisplayName("Q04 of two batches at once that share jobs, each job is created by one")
  void batchesThatShareJobs() throws Exception {
    new Race<>(
            count ->
                Stream.generate(() -> Names.unique("shared"))
                    .limit(count)
                    .map(name -> IntStream.range(0, 12).mapToObj(i -> batchJob(name, i)).toList())
                    .toList())
        .run(
            all -> bare.one.jobQueue().enqueue(all.subList(0, 9)),
            all -> bare.two.jobQueue().enqueue(all.subList(3, 12)),
            (all, first, second) -> {
              for (int i = 0; i < all.size(); i++) {
                boolean isFirsts = i < 9 && first.get(i).created();
                boolean isSeconds = i >= 3 && second.get(i - 3).created();
                assertThat(isFirsts ^ isSeconds)
                    .as("whether exactly one of the batches says that it created job %s", i)
                    .isTrue();
              }
            });
  }

  private static NewJob batchJob(String name, int number) {
    return NewJob.builder(name, name + number, "kit", "").build();
  }
}
