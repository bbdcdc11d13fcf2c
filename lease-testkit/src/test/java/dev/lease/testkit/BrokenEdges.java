package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.queue;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Stores that are wrong where a batch, a limit or a number of headers is at its largest. */
final class BrokenEdges {

  static final List<BrokenStore> ALL =
      List.of(
          queue(
              "Q03",
              "a dedup key is one for each type",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                      String key = job.dedupKey();
                      boolean isOther =
                          key != null
                              && data.holderOf(job.queue(), key)
                                  .filter(holder -> !holder.type().equals(job.type()))
                                  .isPresent();
                      return super.enqueue(
                          data,
                          now,
                          isOther ? job.toBuilder().dedupKey(key + " " + job.type()).build() : job);
                    }
                  }),
          queue(
              "Q11",
              "a claim that reaches its limit says that there is more",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                      Claim claim = super.claim(data, now, request);
                      return request.limit() > 1 && claim.jobs().size() == request.limit()
                          ? Claim.of(claim.jobs(), claim.finished(), true)
                          : claim;
                    }
                  }),
          queue(
              "Q11",
              "a claim leaves a job that fits maxBytes exactly",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                      return super.claim(
                          data, now, request.withMaxBytes(Math.max(1, request.maxBytes() - 1)));
                    }
                  }),
          queue(
              "Q11",
              "the first job with a payload is given whatever its size, also behind others",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                      Claim claim = super.claim(data, now, request);
                      int left = request.limit() - claim.jobs().size();
                      if (!claim.more()
                          || left == 0
                          || claim.jobs().isEmpty()
                          || claim.jobs().stream().anyMatch(job -> !job.payload().isEmpty())) {
                        return claim;
                      }
                      Claim next =
                          super.claim(
                              data,
                              now,
                              ClaimRequest.of(
                                      request.queue(),
                                      request.owner(),
                                      left,
                                      request.leaseDuration())
                                  .withMaxBytes(request.maxBytes()));
                      List<ClaimedJob> jobs = new ArrayList<>(claim.jobs());
                      jobs.addAll(next.jobs());
                      return Claim.of(jobs, claim.finished(), next.more());
                    }
                  }),
          queue(
              "Q11",
              "a claim passes over a job that does not fit maxBytes",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      List<InMemoryJob> all = super.upForClaim(data, now, queue);
                      // Those that are large come last, but for the first one.
                      List<InMemoryJob> jobs = new ArrayList<>(all);
                      jobs.sort(
                          (one, other) ->
                              one == all.get(0) || other == all.get(0)
                                  ? Boolean.compare(other == all.get(0), one == all.get(0))
                                  : Boolean.compare(isLarge(one), isLarge(other)));
                      return jobs;
                    }

                    private boolean isLarge(InMemoryJob job) {
                      return job.payloadBytes() == 600;
                    }
                  }),
          queue(
              "Q39",
              "an expired lease is lost if others are settled with it",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Settlement.Result> settle(List<Settlement> settlements) {
                      if (settlements == null || settlements.size() < 2) {
                        return super.settle(settlements);
                      }
                      return session.run(
                          (data, now) -> {
                            List<InMemoryJob> expired =
                                settlements.stream()
                                    .filter(Objects::nonNull)
                                    .flatMap(each -> held(data, each.lease()).stream())
                                    .filter(job -> job.isExpired(now))
                                    .toList();
                            expired.forEach(job -> job.loseHold(now));
                            return super.settle(settlements);
                          });
                    }
                  }),
          headers(
              "headers after the first sixteen are dropped",
              headers -> {
                var first = new TreeMap<>(headers);
                while (first.size() > 16) {
                  first.pollLastEntry();
                }
                return first;
              }),
          headers(
              "the value of a header is cut after 512 characters",
              headers -> {
                Map<String, String> cut = new HashMap<>();
                headers.forEach(
                    (name, value) ->
                        cut.put(name, value.substring(0, Math.min(512, value.length()))));
                return cut;
              }),
          headers(
              "blanks around the name of a header are dropped",
              headers -> {
                Map<String, String> stripped = new HashMap<>();
                headers.forEach((name, value) -> stripped.put(name.strip(), value));
                return stripped;
              }),
          queue(
              "Q55",
              "the first ten subscriptions get hints",
              session ->
                  new InMemoryJobQueue(session) {
                    private final Map<String, Integer> subscribed = new HashMap<>();

                    @Override
                    public Subscription onWork(String queue, Runnable hint) {
                      Subscription subscription = super.onWork(queue, hint);
                      if (subscribed.merge(queue, 1, Integer::sum) > 10) {
                        subscription.close();
                      }
                      return subscription;
                    }
                  }),
          queue(
              "Q55",
              "a second close of a subscription ends another one",
              session ->
                  new InMemoryJobQueue(session) {
                    private final Map<String, List<Subscription>> open = new HashMap<>();

                    @Override
                    public Subscription onWork(String queue, Runnable hint) {
                      Subscription subscription = super.onWork(queue, hint);
                      List<Subscription> all = open.computeIfAbsent(queue, of -> new ArrayList<>());
                      all.add(subscription);
                      return () -> {
                        if (all.remove(subscription)) {
                          subscription.close();
                        } else if (!all.isEmpty()) {
                          all.remove(0).close();
                        }
                      };
                    }
                  }),
          data(
              "Q55",
              "nobody is woken for a queue that is paused",
              clock ->
                  new InMemoryData(clock) {
                    @Override
                    void wake(String queue) {
                      if (!pausedQueues.contains(queue)) {
                        super.wake(queue);
                      }
                    }
                  }));

  private BrokenEdges() {}

  private static BrokenStore headers(String how, UnaryOperator<Map<String, String>> kept) {
    return job(
        "Q01",
        how,
        (input, place, now) ->
            new InMemoryJob(input, place, now) {
              @Override
              Job asOf(Instant at) {
                Job job = super.asOf(at);
                return job.toBuilder().headers(kept.apply(job.headers())).build();
              }

              @Override
              ClaimedJob claim(String worker, long newToken, Duration duration, Instant at) {
                ClaimedJob job = super.claim(worker, newToken, duration, at);
                return job.toBuilder().headers(kept.apply(job.headers())).build();
              }
            });
  }
}
