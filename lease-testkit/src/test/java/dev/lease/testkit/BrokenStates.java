package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.queue;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Reset;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stores that are wrong in one state only, which few tests meet. */
final class BrokenStates {

  static final List<BrokenStore> ALL =
      List.of(
          queue(
              "Q21",
              "a paused queue gives jobs that wait for a retry",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      return data.pausedQueues.contains(queue)
                          ? data.jobs(queue).stream()
                              .filter(job -> job.state() == JobState.RETRY)
                              .filter(job -> job.isUpForClaim(now))
                              .toList()
                          : super.upForClaim(data, now, queue);
                    }
                  }),
          queue(
              "Q27",
              "a settlement with a claim of nothing is answered, and not made",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public SettledAndClaimed settleAndClaim(
                        List<Settlement> settlements, ClaimRequest request) {
                      return request.limit() == 0 && !settlements.isEmpty()
                          ? SettledAndClaimed.of(
                              settlements.stream().map(each -> Settlement.Result.ACCEPTED).toList(),
                              Claim.empty())
                          : super.settleAndClaim(settlements, request);
                    }
                  }),
          admin(
              "Q40",
              "a reset passes over paused queues",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public Reset resetExpired(String queue, int limit) {
                      Limits.name("queue", queue);
                      return session.run((data, now) -> data.pausedQueues.contains(queue))
                          ? Reset.of(0, List.of())
                          : super.resetExpired(queue, limit);
                    }
                  }),
          job(
              "Q46",
              "a job that was requeued is purged by the time at which it had finished",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    private @Nullable Instant finishedAt;

                    @Override
                    void finish(JobState state, Duration keep, Instant at) {
                      super.finish(state, keep, at);
                      finishedAt = at;
                    }

                    @Override
                    boolean isFinishedSince(Duration age, Instant at) {
                      Instant finished = finishedAt;
                      return finished != null && !at.isBefore(finished.plus(age));
                    }
                  }));

  private BrokenStates() {}
}
