package dev.lease.testkit;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Job queues whose claims pass over a few jobs that they cannot give, and leave what is behind
 * these to the next claim [Q11].
 */
class SearchesInParts extends InMemoryJobQueue {

  private static final int LEAST = 2;

  /** A search has fewer than twice as many claims. */
  private static final int PARTS = 50;

  private final Map<String, InMemoryJob> reached = new HashMap<>();

  SearchesInParts(InMemorySession session) {
    super(session);
  }

  @Override
  Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
    Claim claim = super.claim(data, now, request);
    if (claim.jobs().size() == request.limit() || claim.more()) {
      reached.remove(request.queue());
    }
    return reached.containsKey(request.queue()) ? claim.asPartial() : claim;
  }

  @Override
  List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
    Set<InMemoryJob> up = new LinkedHashSet<>(super.upForClaim(data, now, queue));
    InMemoryJob last = reached.remove(queue);
    List<InMemoryJob> part = new ArrayList<>();
    List<InMemoryJob> all =
        data.jobs(queue).stream()
            .filter(job -> !job.state().isFinished())
            .sorted(InMemoryJob.CLAIM_ORDER)
            .toList();
    int most = Math.max(LEAST, all.size() / PARTS);
    int passedOver = 0;
    for (InMemoryJob job : all) {
      if (last != null && InMemoryJob.CLAIM_ORDER.compare(job, last) <= 0) {
        continue;
      }
      if (up.contains(job)) {
        part.add(job);
      } else {
        passedOver++;
        if (passedOver == most) {
          reached.put(queue, job);
          break;
        }
      }
    }
    return part;
  }

  void forget(String queue) {
    reached.remove(queue);
  }
}
