package dev.lease.testkit;

import dev.lease.testkit.AdminCalls.Pause;
import dev.lease.testkit.JobCalls.Draft;
import dev.lease.testkit.JobCalls.Enqueue;
import dev.lease.testkit.KeyCalls.AdvanceAndLook;
import dev.lease.testkit.KeyCalls.CloseKey;
import dev.lease.testkit.KeyCalls.LimitKey;
import dev.lease.testkit.KeyCalls.LimitQueue;
import dev.lease.testkit.KeyCalls.PlannedLimit;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The calls of a model of jobs, of which some have keys, and calls that limit the keys [Q47]. */
final class KeyModel extends ModelCheck<JobSubject> {

  private static final List<String> KEYS = List.of("a", "a", "A", "b");

  private final JobModel calls;

  KeyModel(JobModel calls) {
    this.calls = calls;
  }

  @Override
  JobSubject reference() {
    return calls.reference().withKeys();
  }

  @Override
  JobSubject tested(JobSubject reference, boolean isThorough) {
    return calls.tested(reference, isThorough).withKeys();
  }

  @Override
  boolean hasFollowed(JobSubject reference, JobSubject tested) {
    return calls.hasFollowed(reference, tested);
  }

  @Override
  List<String> beginning() {
    return calls.beginning();
  }

  @Override
  ModelCall<JobSubject> next(Random random, JobSubject reference) {
    if (random.nextInt(6) == 0) {
      return limiting(random);
    }
    ModelCall<JobSubject> call = calls.next(random, reference);
    if (call instanceof Enqueue enqueue) {
      return new Enqueue(enqueue.drafts().stream().map(draft -> keyed(random, draft)).toList());
    }
    if (call instanceof Advance<JobSubject> advance) {
      return new AdvanceAndLook(advance);
    }
    // Whether a claim of a paused queue admits what became due is left open.
    return call instanceof Pause ? limiting(random) : call;
  }

  private static Draft keyed(Random random, Draft draft) {
    return random.nextInt(3) == 0 ? draft : draft.withKey(one(random, KEYS));
  }

  private static ModelCall<JobSubject> limiting(Random random) {
    ModelQueue queue = random.nextInt(4) == 0 ? ModelQueue.ASIDE : ModelQueue.MAIN;
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> new LimitKey(queue, null, limit(random));
      case 3, 4 -> new LimitKey(queue, one(random, KEYS), limit(random));
      case 5, 6 -> new LimitQueue(queue, random.nextInt(4) == 0 ? null : random.nextInt(4));
      // Closed until now: whether what starts then is open before somebody looks is left open.
      default -> new CloseKey(queue, one(random, KEYS), one(random, List.of(1, 1, 2)));
    };
  }

  private static @Nullable PlannedLimit limit(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> null;
      case 1, 2 -> new PlannedLimit(1, true, 0, 0);
      case 3, 4 ->
          new PlannedLimit(1 + random.nextInt(2), false, 1 + random.nextInt(2), random.nextInt(2));
      default -> new PlannedLimit(random.nextInt(4), false, 0, 0);
    };
  }

  private static <T> T one(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
