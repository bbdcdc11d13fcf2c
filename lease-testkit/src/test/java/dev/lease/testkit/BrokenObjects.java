package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.session;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Job;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Stores that mind an interrupt, a close or a page, which are no matter of any one job. */
final class BrokenObjects {

  static final List<BrokenStore> ALL =
      List.of(
          queue(
              "Q60",
              "a claim on an interrupted thread finds nothing",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public Claim claim(ClaimRequest request) {
                      return Thread.currentThread().isInterrupted()
                          ? Claim.empty()
                          : super.claim(request);
                    }
                  }),
          admin(
              "Q60",
              "a list on an interrupted thread clears the interrupt flag",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPage list(JobQuery query) {
                      Thread.interrupted();
                      return super.list(query);
                    }
                  }),
          session(
              "Q21",
              "the pauses that a backend object made end with its close",
              data ->
                  new InMemorySession(data) {
                    @Override
                    void close() {
                      super.close();
                      data.pausedQueues.clear();
                    }
                  }),
          session(
              "Q54",
              "a second close is an error",
              data ->
                  new InMemorySession(data) {
                    private boolean closed;

                    @Override
                    void close() {
                      if (closed) {
                        throw new IllegalStateException("closed twice");
                      }
                      closed = true;
                      super.close();
                    }
                  }),
          queue(
              "Q55",
              "a hint that is subscribed twice ends with its first subscription",
              session ->
                  new InMemoryJobQueue(session) {
                    private final Map<Runnable, List<Subscription>> known = new HashMap<>();

                    @Override
                    public Subscription onWork(String queue, Runnable hint) {
                      Subscription made = super.onWork(queue, hint);
                      List<Subscription> same =
                          known.computeIfAbsent(hint, first -> new ArrayList<>());
                      same.add(made);
                      return () -> same.forEach(Subscription::close);
                    }
                  }),
          queue(
              "Q55",
              "a hint that somebody gives comes only if a job can be claimed",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public void hint(String queue) {
                      boolean isEmpty =
                          session.run((data, now) -> upForClaim(data, now, queue).isEmpty());
                      if (!isEmpty) {
                        super.hint(queue);
                      }
                    }
                  }),
          queue(
              "Q55",
              "a hint that somebody gives reaches only those of the same process",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public void hint(String queue) {
                      Limits.name("queue", queue);
                      session.hints().wake(queue);
                    }
                  }),
          queue(
              "Q55",
              "a hint that somebody gives is a job that is enqueued",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public void hint(String queue) {
                      enqueue(List.of(NewJob.builder(queue, "hint", "hint", "").build()));
                    }
                  }),
          admin(
              "Q46",
              "a purge looks only at as many of the oldest jobs as it may remove",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    int purge(
                        InMemoryData data, String queue, int limit, Predicate<InMemoryJob> isOld) {
                      List<InMemoryJob> old =
                          data.jobs(queue).stream()
                              .filter(job -> job.state().isFinished())
                              .sorted(Comparator.comparingLong(InMemoryJob::place))
                              .limit(limit)
                              .filter(isOld)
                              .toList();
                      old.forEach(data::remove);
                      return old.size();
                    }
                  }),
          admin(
                  "Q48",
                  "a page begins at the number of jobs that were listed before it",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        public JobPage list(JobQuery query) {
                          String after = query.after();
                          int limit = query.limit();
                          if (after == null || !after.matches("[0-9]+")) {
                            JobPage first = super.list(query);
                            return JobPage.of(
                                first.jobs(),
                                first.next() == null ? null : "" + limit,
                                first.examined());
                          }
                          int from = Integer.parseInt(after);
                          List<Job> all = super.list(query.after(null).limit(1_000)).jobs();
                          int to = Math.min(all.size(), from + limit);
                          return JobPage.of(
                              all.subList(Math.min(from, to), to),
                              to == all.size() ? null : "" + to,
                              all.size());
                        }
                      })
              .alsoFails("Q58", "Q84", "Q86", "Q91", "Q92"),
          admin(
                  "Q48",
                  "the counts stop at five hundred jobs in a state",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        QueueCounts counts(InMemoryData data, Instant now, String queue) {
                          QueueCounts counts = super.counts(data, now, queue);
                          Map<JobState, Long> jobs = new HashMap<>(counts.jobs());
                          jobs.replaceAll((state, count) -> Math.min(500, count));
                          return QueueCounts.builder(queue, now)
                              .jobs(jobs)
                              .expired(counts.expired())
                              .oldestDue(counts.oldestDue())
                              .paused(counts.paused())
                              .build();
                        }
                      })
              .alsoFails("Q76"));

  private BrokenObjects() {}
}
