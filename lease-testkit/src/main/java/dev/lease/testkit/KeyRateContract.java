package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.KeyLimit;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How often the jobs of a key start, and keys that are closed for a time. */
@Since(3)
abstract class KeyRateContract extends KeyLimitContract {

  private Duration period() {
    return term.multipliedBy(2);
  }

  @Test
  @DisplayName("Q67 with a rate one job of a key starts after the other")
  void rate() throws Exception {
    limit(KeyLimit.of(10).withRate(1, period(), 0));
    List<String> ids = enqueuedOf("a", 3);
    String other = enqueued(keyed("b"));

    assertThat(run()).as("at once").containsExactlyInAnyOrder(ids.get(0), other);
    assertThat(run()).as("at once, again").isEmpty();
    advance(period());
    assertThat(run()).as("after a period").containsExactly(ids.get(1));
    advance(period());
    assertThat(run()).as("after two periods").containsExactly(ids.get(2));
  }

  @Test
  @DisplayName("Q67 a burst starts at once, and only after a rest again")
  void burst() throws Exception {
    limit(KeyLimit.of(10).withRate(1, period(), 2));
    List<String> ids = enqueuedOf("a", 6);

    assertThat(run()).as("at once").containsExactlyElementsOf(ids.subList(0, 3));
    advance(period());
    assertThat(run()).as("after a period").containsExactly(ids.get(3));
    advance(period());
    assertThat(run()).as("after two periods").containsExactly(ids.get(4));
  }

  @Test
  @DisplayName("Q67 no job starts before its time, whatever frees slots")
  void rateAndSlots() throws Exception {
    limit(KeyLimit.of(1).withRate(1, period(), 0));
    List<String> ids = enqueuedOf("a", 2);
    Instant began = storeNow();

    assertThat(run()).as("at once").containsExactly(ids.get(0));
    assertThat(run()).as("when the slot is free").isEmpty();
    assertThat(stateOfKey("a").nextStart()).as("next start").isAfter(began);
    advance(period());
    assertThat(run()).as("after a period").containsExactly(ids.get(1));
  }

  @Test
  @DisplayName("Q67 a job that comes back without a delay does not count anew")
  void comesBack() throws Exception {
    limit(KeyLimit.of(1).withRate(1, term.multipliedBy(50), 0));
    JobLease lease = holdsTheSlot("a");

    settled(lease, SettlementKind.RELEASED);
    List<ClaimedJob> again = claim(10);
    assertThat(ids(again)).as("claimed after a release").containsExactly(lease.jobId());
    settled(again.get(0).lease(), SettlementKind.RETRY);
    assertThat(claimedIds()).as("claimed after a retry").containsExactly(lease.jobId());
    expireLeases();
    assertThat(claimedIds()).as("claimed after an expiry").containsExactly(lease.jobId());
  }

  @Test
  @DisplayName("Q95 no job of a closed key starts before its time")
  void closed() throws Exception {
    limit(KeyLimit.of(2));
    List<String> ids = enqueuedOf("a", 3);
    String other = enqueued(keyed("b"));
    JobLease lease = claim(1).get(0).lease();
    assertThat(lease.jobId()).as("claimed").isEqualTo(ids.get(0));

    otherAdmission.closeKey(queue, "a", period());

    assertThat(jobs.extend(List.of(lease), term.multipliedBy(9)))
        .as("a job that is held")
        .allMatch(extension -> extension instanceof dev.lease.Extension.Held);
    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactly(other);
    settled(Settlement.done(claimed.get(0).lease()));
    settled(Settlement.done(lease));
    ids.add(enqueued(keyed("a")));
    assertThat(claim(10)).as("claimed when a slot is free").isEmpty();
    advanceAlmost(period());
    assertThat(claim(10)).as("claimed just before the time").isEmpty();
    advanceTheRest();
    assertThat(claimedIds()).as("claimed").containsExactlyElementsOf(ids.subList(1, 3));
  }

  @Test
  @DisplayName("Q95 a key that is opened again is closed no longer for what is admitted")
  void opened() {
    limit(KeyLimit.of(1));
    admission.closeKey(queue, "a", LATER);
    admission.closeKey(queue, "a", Duration.ZERO);
    String id = enqueued(keyed("a"));

    assertThat(claimedIds()).as("claimed").containsExactly(id);
  }

  @Test
  @DisplayName("Q95 a key without a limit can be closed")
  void closedWithoutLimit() throws Exception {
    List<String> ids = enqueuedOf("a", 2);
    admission.closeKey(queue, "a", period());
    ids.add(enqueued(keyed("a")));

    assertThat(claim(10)).as("claimed").isEmpty();
    advance(period());
    assertThat(claimedIds()).as("claimed").containsExactlyElementsOf(ids);
  }
}
