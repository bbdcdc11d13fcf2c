package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Due;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.Requeueing;
import dev.lease.testkit.AdminCalls.Cancel;
import dev.lease.testkit.AdminCalls.Change;
import dev.lease.testkit.AdminCalls.ChangeDeadline;
import dev.lease.testkit.AdminCalls.Delete;
import dev.lease.testkit.AdminCalls.Pause;
import dev.lease.testkit.AdminCalls.Purge;
import dev.lease.testkit.AdminCalls.PurgeKept;
import dev.lease.testkit.AdminCalls.Requeue;
import dev.lease.testkit.AdminCalls.ResetExpired;
import dev.lease.testkit.AdminCalls.Resume;
import dev.lease.testkit.JobCalls.Checkpoint;
import dev.lease.testkit.JobCalls.Checkpoints;
import dev.lease.testkit.JobCalls.Claim;
import dev.lease.testkit.JobCalls.Deadline;
import dev.lease.testkit.JobCalls.Draft;
import dev.lease.testkit.JobCalls.Enqueue;
import dev.lease.testkit.JobCalls.Extend;
import dev.lease.testkit.JobCalls.PlannedSettlement;
import dev.lease.testkit.JobCalls.Report;
import dev.lease.testkit.JobCalls.Settle;
import dev.lease.testkit.JobCalls.SettleAndClaim;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Random calls of workers, and of operators if the store has a JobAdmin [Q47]. */
final class JobModel extends ModelCheck<JobSubject> {

  /** Few ids, so that calls meet the same jobs. */
  private static final List<String> IDS = List.of("a", "b", "c", "d", "e", "f");

  /** In days, so that no store forgets the id of a job meanwhile [Q02]. */
  static final int LONGER_THAN_A_SEQUENCE = 1_000;

  private static final List<String> STEPS = List.of("one", "two");

  private final List<Backend> store;
  private final boolean hasAdmin;
  private final StoreTime.Tested time;
  private final @Nullable String emptied;

  JobModel(StoreFixture fixture, List<Backend> store, boolean hasAdmin, Supplier<Instant> clock) {
    this(fixture, store, hasAdmin, clock, null);
  }

  /**
   * @param emptied begins the names of the queues of all sequences, which are emptied before each;
   *     if null, each sequence has queues of its own
   */
  JobModel(
      StoreFixture fixture,
      List<Backend> store,
      boolean hasAdmin,
      Supplier<Instant> clock,
      @Nullable String emptied) {
    this.emptied = emptied;
    this.store = store;
    this.hasAdmin = hasAdmin;
    this.time = new StoreTime.Tested(fixture, clock);
  }

  boolean canMoveTime() {
    return time.isMovable();
  }

  @Override
  JobSubject reference() {
    StoreTime.Followed followed = time.followed();
    return new JobSubject(followed.reference(), hasAdmin, followed);
  }

  @Override
  JobSubject tested(JobSubject reference, boolean isThorough) {
    String queues = emptied == null ? Names.unique("model") : emptied;
    if (emptied != null) {
      empty(emptied);
    }
    return new JobSubject(queues, store, hasAdmin, time, reference, isThorough);
  }

  /** A store may remove jobs by itself once their keep is over [Q46]. */
  @Override
  boolean hasFollowed(JobSubject reference, JobSubject tested) {
    boolean hasFollowed = false;
    for (ModelQueue queue : ModelQueue.values()) {
      if (hasAdmin && tested.hasRemovedByItself(queue)) {
        var purge = new PurgeKept(queue);
        List.of(tested, reference).forEach(each -> purge.run(each, new Observation()));
        hasFollowed = true;
      }
    }
    return hasFollowed;
  }

  private void empty(String queues) {
    JobAdmin admin = store.get(0).jobAdmin();
    for (ModelQueue queue : ModelQueue.values()) {
      String name = queue.name(queues);
      AllPages.pieces(
          JobSubject.ALL,
          after -> admin.delete(JobFilter.all().inQueue(name), after, JobSubject.ALL));
      admin.resume(name);
    }
  }

  @Override
  List<String> beginning() {
    return List.of();
  }

  @Override
  ModelCall<JobSubject> next(Random random, JobSubject reference) {
    List<GivenLease> holds = new ArrayList<>(reference.holds());
    List<GivenLease> held = holds.stream().filter(reference::isHeld).toList();
    int percent = random.nextInt(100);
    if (hasAdmin && percent < 25) {
      return nextOfOperators(random);
    }
    if (held.size() < 2 && random.nextBoolean()) {
      return random.nextBoolean() ? enqueue(random) : claim(random);
    }
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> enqueue(random);
      case 4, 5, 6, 7 -> claim(random);
      case 8, 9, 10, 11 -> settle(random, holds, held);
      case 12 -> new SettleAndClaim(settle(random, holds, held), claim(random));
      case 13, 14 -> extend(random, holds, held);
      case 15 -> new Report(hold(random, holds, held), random.nextInt(101));
      case 16 ->
          new Checkpoint(hold(random, holds, held), one(random, STEPS), "v" + random.nextInt(9));
      case 17 -> new Checkpoints(hold(random, holds, held));
      default -> time.isMovable() ? Advance.next(random, time.isFrozen()) : claim(random);
    };
  }

  private static ModelCall<JobSubject> nextOfOperators(Random random) {
    ModelQueue queue = queue(random);
    String id = one(random, IDS);
    return switch (random.nextInt(14)) {
      case 0, 1, 2 -> new Cancel(queue, id);
      case 3, 4 -> new Requeue(queue, id, requeueing(random));
      case 5 -> new Delete(queue, id);
      case 6 -> new Pause(queue);
      case 7 -> new Resume(queue);
      case 8, 9 -> new ResetExpired(queue);
      case 10 -> new Purge(queue, random.nextInt(3));
      case 11 -> new Change(queue, id, change(random));
      case 12 -> new ChangeDeadline(queue, id, deadline(random));
      default -> new PurgeKept(queue);
    };
  }

  private static Requeueing requeueing(Random random) {
    return random.nextInt(4) == 0 ? Requeueing.spreadOver(Duration.ofDays(2)) : Requeueing.now();
  }

  private static JobChange change(Random random) {
    var change = JobChange.builder();
    switch (random.nextInt(5)) {
      case 0 -> change.priority(one(random, List.of(0, 5, 9)));
      case 1 -> change.due(Due.after(Duration.ofDays(random.nextInt(3))));
      case 2 -> change.crashesLeft(1 + random.nextInt(2));
      case 3 -> change.failuresLeft(1 + random.nextInt(2));
      default -> change.payload("c" + random.nextInt(9));
    }
    return change.build();
  }

  private Enqueue enqueue(Random random) {
    return new Enqueue(some(random, 4, i -> draft(random)));
  }

  private Draft draft(Random random) {
    ModelQueue queue = queue(random);
    String id = one(random, IDS);
    int text = random.nextInt(9);
    return new Draft(
        queue,
        id,
        "p" + text,
        one(random, List.of(0, 5, 5, 9)),
        one(random, List.of(0, 0, 0, 1, 2, -1, -2)),
        1 + random.nextInt(3),
        random.nextInt(3) == 0 ? one(random, List.of("k", "l")) : null,
        hasAdmin ? 1 + random.nextInt(3) : LONGER_THAN_A_SEQUENCE,
        text < 3 ? "t" + text : null,
        text < 6 ? (Integer) (1 + text / 2) : null,
        text == 8 ? (Integer) random.nextInt(3) : null,
        random.nextInt(6) == 0 ? deadline(random) : null);
  }

  private static Deadline deadline(Random random) {
    return new Deadline(random.nextInt(3), random.nextBoolean());
  }

  private static Claim claim(Random random) {
    return new Claim(queue(random), one(random, List.of(0, 1, 1, 2, 3, 10)), 1 + random.nextInt(2));
  }

  private static Settle settle(Random random, List<GivenLease> holds, List<GivenLease> held) {
    return new Settle(
        some(
            random,
            3,
            i ->
                new PlannedSettlement(
                    hold(random, holds, held),
                    one(random, List.of(SettlementKind.values())),
                    one(random, List.of(0, 0, 1, 2)),
                    "t" + random.nextInt(3))));
  }

  private static Extend extend(Random random, List<GivenLease> holds, List<GivenLease> held) {
    return new Extend(some(random, 3, i -> hold(random, holds, held)), 1 + random.nextInt(2));
  }

  /**
   * Mostly a lease that is held, sometimes one that was held before, and now and then a forged one.
   */
  private static GivenLease hold(Random random, List<GivenLease> holds, List<GivenLease> held) {
    List<GivenLease> from = held.isEmpty() || random.nextInt(4) == 0 ? holds : held;
    if (from.isEmpty()) {
      return new GivenLease(new JobKey(ModelQueue.MAIN, IDS.get(0)), 0, GivenLease.Forgery.NONE);
    }
    GivenLease hold = from.get(Math.min(random.nextInt(from.size()), random.nextInt(from.size())));
    return random.nextInt(10) == 0
        ? new GivenLease(
            hold.job(), hold.grant(), one(random, List.of(GivenLease.Forgery.values())))
        : hold;
  }

  private static ModelQueue queue(Random random) {
    return random.nextInt(4) == 0 ? ModelQueue.ASIDE : ModelQueue.MAIN;
  }

  private static <T> T one(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** One to a few elements, mostly one. */
  private static <T> List<T> some(Random random, int most, IntFunction<T> make) {
    int count = random.nextBoolean() ? 1 : 1 + random.nextInt(most);
    List<T> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(make.apply(i));
    }
    return list;
  }
}
