package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Admission;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.KeyLimit;
import dev.lease.KeyState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** What all contracts of limits by key share. */
abstract class KeyContract extends JobContract {

  static final Duration LATER = TestTime.LONG_LEASE;

  /** The limits, through one backend object of the store under test. */
  protected Admission admission;

  /** The same limits, through another backend object on the same data. */
  protected Admission otherAdmission;

  /** The jobs for operators, through the first object. */
  protected JobAdmin admin;

  /** The same jobs, through the other object. */
  protected JobAdmin otherAdmin;

  @BeforeEach
  void takeAdmission() {
    admission = part(Capability.KEYS, one::admission);
    otherAdmission = two.admission();
    admin = part(Capability.ADMIN, one::jobAdmin);
    otherAdmin = two.jobAdmin();
  }

  NewJob.Builder keyed(String key) {
    return job().key(key);
  }

  /** Sets the limit of every key of the queue. */
  void limit(@Nullable KeyLimit limit) {
    admission.limit(queue, null, limit);
  }

  /** Enqueues jobs of one key, one after the other, and returns their ids. */
  List<String> enqueuedOf(String key, int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(enqueued(keyed(key)));
    }
    return ids;
  }

  /** A job of a key that takes its only slot. */
  JobLease holdsTheSlot(String key) {
    enqueued(keyed(key));
    List<ClaimedJob> claimed = claim(10);
    assertThat(claimed).as("claim of the only job of its key").hasSize(1);
    return claimed.get(0).lease();
  }

  /** Claims as many as there are, and returns their ids. */
  List<String> claimedIds() {
    return ids(claim(100));
  }

  /** Claims as many as there are, and settles them. */
  List<String> run() {
    List<ClaimedJob> claimed = claim(100);
    claimed.forEach(job -> settled(Settlement.done(job.lease())));
    return ids(claimed);
  }

  /** Claims one job at a time and settles it, until there are none. Returns the ids. */
  List<String> runOneByOne() {
    List<String> order = new ArrayList<>();
    for (List<ClaimedJob> next = claim(1); !next.isEmpty(); next = claim(1)) {
      order.add(next.get(0).lease().jobId());
      settled(Settlement.done(next.get(0).lease()));
    }
    return order;
  }

  void assertHeldBack(String... ids) {
    assertThat(Arrays.stream(ids).filter(id -> !find(id).heldBack()))
        .as("jobs that are not held back")
        .isEmpty();
    assertThat(heldBack()).as("held back, as counts tell").isEqualTo(ids.length);
  }

  long heldBack() {
    return admin.counts().queue(queue).orElseThrow().heldBack();
  }

  KeyState stateOfKey(String key) {
    return otherAdmission.keys(queue, null, 1_000).keys().stream()
        .filter(state -> state.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new AssertionError("keys does not list " + key));
  }

  /** Applies the limits until there is nothing left to do. */
  void applied() {
    int limit = 100;
    int changed;
    do {
      changed = admission.apply(queue, limit);
      assertThat(changed).as("what apply(%s) changed", limit).isBetween(0, limit);
    } while (changed == limit);
  }

  List<ClaimedJob> claimByOthers(int limit) {
    return others.claim(ClaimRequest.of(queue, "other", limit, term)).jobs();
  }

  /** Lets at least one unit of the store's time pass. */
  void later() throws Exception {
    advance(bare.fixture.unit());
  }
}
