package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Stores that are wrong in one of the ways in which a job finishes. The mutants of the statements
 * of this project's stores showed them; see examples/mutants.
 */
final class BrokenFinishes {

  private static final Duration NO_TIME = Duration.ofSeconds(3);

  static final List<BrokenStore> ALL =
      List.of(
          queue(
              "Q13",
              "jobs of the priorities 1 and 2 are never looked at",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      return super.upForClaim(data, now, queue).stream()
                          .filter(job -> job.input.priority() == 0 || job.input.priority() > 2)
                          .toList();
                    }
                  }),
          queue(
              "Q18",
              "a claim that finishes exhausted jobs finishes those of all queues",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                      Claim claim = super.claim(data, now, request);
                      if (!claim.finished().isEmpty()) {
                        data.inOrder(null).stream()
                            .filter(job -> job.finishesWhenMet(now))
                            .forEach(job -> job.loseHold(now));
                      }
                      return claim;
                    }
                  }),
          queue(
              "Q28",
              "a claim that finishes exhausted jobs takes all expired ones from their holders",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                      Claim claim = super.claim(data, now, request);
                      if (!claim.finished().isEmpty()) {
                        data.jobs(request.queue()).stream()
                            .filter(job -> job.isExpired(now) && !job.finishesWhenMet(now))
                            .forEach(job -> job.loseHold(now));
                      }
                      return claim;
                    }
                  }),
          queue(
              "Q23",
              "the holder of a job that expired in its last attempt can still change it",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Optional<InMemoryJob> held(InMemoryData data, JobLease lease) {
                      return data.job(lease.queue(), lease.jobId())
                          .filter(
                              job ->
                                  job.isHeldBy(lease)
                                      || (job.token() == lease.token()
                                          && job.state() == JobState.FAILED
                                          && "lease expired".equals(job.error)));
                    }
                  }),
          job(
              "Q25",
              "the progress goes when a job is done",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void done(String result, Instant now) {
                      super.done(result, now);
                      progress = null;
                    }
                  }),
          job(
              "Q38",
              "a cancellation that was requested stays requested when the job is done",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void done(String result, Instant now) {
                      boolean requested = cancelRequested;
                      super.done(result, now);
                      cancelRequested = requested;
                    }
                  }),
          job(
              "Q46",
              "the keep of a job is over when a claim or a reset finishes it",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void loseHold(Instant now) {
                      super.loseHold(now);
                      if (finish != null) {
                        finish = new Finish(finish.state(), finish.at(), NO_TIME);
                      }
                    }
                  }),
          admin(
              "Q46",
              "a purge by retention has no limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public int purge(String queue, int limit) {
                      int all = 0;
                      int some = super.purge(queue, limit);
                      while (some > 0) {
                        all += some;
                        some = super.purge(queue, limit);
                      }
                      return all;
                    }
                  }),
          store(
              "Q02",
              "a purge by age forgets the ids of jobs that were not kept",
              new ForgetsWithAPurge()));

  private BrokenFinishes() {}

  /** Removes jobs that are not to be kept at once, and remembers their ids. */
  private static final class ForgetsWithAPurge extends Parts {

    private final Set<String> remembered = new HashSet<>();

    @Override
    JobQueue jobQueue(InMemorySession session) {
      return new InMemoryJobQueue(session) {
        @Override
        Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
          return remembered.contains(job.queue() + " " + job.id())
              ? new Enqueued(job.id(), false)
              : super.enqueue(data, now, job);
        }

        @Override
        Settlement.Result settle(InMemoryData data, Instant now, Settlement settlement) {
          Optional<InMemoryJob> held = held(data, settlement.lease());
          Settlement.Result result = super.settle(data, now, settlement);
          held.filter(job -> job.state() == JobState.DONE)
              .filter(job -> Duration.ZERO.equals(job.input.keep()))
              .ifPresent(
                  job -> {
                    remembered.add(job.queue() + " " + job.id());
                    data.remove(job);
                  });
          return result;
        }
      };
    }

    @Override
    JobAdmin jobAdmin(InMemorySession session) {
      return new InMemoryJobAdmin(session) {
        @Override
        public int purge(String queue, Duration olderThan, int limit) {
          remembered.removeIf(each -> each.startsWith(queue + " "));
          return super.purge(queue, olderThan, limit);
        }

        @Override
        boolean delete(InMemoryData data, String queue, String id) {
          return super.delete(data, queue, id) | remembered.remove(queue + " " + id);
        }
      };
    }
  }
}
