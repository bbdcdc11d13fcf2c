package dev.lease.testkit;

import dev.lease.ClaimedJob;
import dev.lease.KeyLimit;
import dev.lease.KeyState;
import dev.lease.Settlement;
import dev.lease.testkit.JobCalls.Claim;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The calls about limits of keys in a random sequence. */
final class KeyCalls {

  private KeyCalls() {}

  /**
   * A limit of a key.
   *
   * @param days in how many days one more job starts; 0 for no rate
   */
  record PlannedLimit(int slots, boolean isInOrder, int days, int burst) {

    KeyLimit limit(JobSubject subject) {
      KeyLimit limit = KeyLimit.of(slots);
      String code = "KeyLimit.of(" + slots + ")";
      if (isInOrder) {
        limit = limit.inOrder();
        code += ".inOrder()";
      }
      if (days > 0) {
        Duration period = Duration.ofDays(days);
        limit = limit.withRate(1, period, burst);
        code += ".withRate(1, " + JavaSource.of(period) + ", " + burst + ")";
      }
      subject.name(limit, code);
      return limit;
    }

    List<PlannedLimit> simpler() {
      return Stream.of(
              new PlannedLimit(slots, false, days, burst),
              new PlannedLimit(slots, isInOrder, 0, 0),
              new PlannedLimit(1, isInOrder, days, burst))
          .filter(simple -> !simple.equals(this))
          .toList();
    }
  }

  /**
   * Sets a limit and applies it. Does nothing if apply would take slots away: where the job then
   * stands among those that wait depends on whether a store shows the time of an admission as the
   * due time [Q65].
   *
   * @param key whose limit it is; null for every key
   * @param planned null for none
   */
  record LimitKey(ModelQueue queue, @Nullable String key, @Nullable PlannedLimit planned)
      implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      KeyLimit limit = planned == null ? null : planned.limit(subject);
      if (subject.keys(queue).stream().noneMatch(state -> losesSlots(state, limit))) {
        subject.admission().limit(subject.queueName(queue), key, limit);
        applyTo(subject, queue);
      }
    }

    private boolean losesSlots(KeyState state, @Nullable KeyLimit limit) {
      boolean isMeant = key == null ? state.limit() == null : Objects.equals(key, state.key());
      return isMeant
          && limit != null
          && state.admitted() > limit.slots()
          && state.admitted() > state.held();
    }

    @Override
    public List<LimitKey> simpler() {
      return planned == null
          ? List.of()
          : planned.simpler().stream().map(it -> new LimitKey(queue, key, it)).toList();
    }
  }

  record LimitQueue(ModelQueue queue, @Nullable Integer slots) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      subject.admission().limitQueue(subject.queueName(queue), slots);
      applyTo(subject, queue);
    }
  }

  private static void applyTo(JobSubject subject, ModelQueue queue) {
    subject.admission().apply(subject.queueName(queue), JobSubject.ALL);
  }

  /**
   * Closes a key and applies the limits: a store may leave what may start at once, and slots of the
   * queue that are free then, until somebody looks.
   */
  record CloseKey(ModelQueue queue, String key, int days) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      subject.admission().closeKey(subject.queueName(queue), key, Duration.ofDays(days));
      applyTo(subject, queue);
    }
  }

  /**
   * Then claims all and gives it back: a store may leave what becomes due until somebody looks
   * [Q64].
   */
  record AdvanceAndLook(Advance<JobSubject> advance) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) throws Exception {
      advance.run(subject, seen);
      for (ModelQueue queue : ModelQueue.values()) {
        List<ClaimedJob> claimed = new Claim(queue, JobSubject.ALL, 1).all(subject, seen);
        List<Settlement> batch =
            claimed.stream()
                .map(job -> SettlementKind.RELEASED.of(job.lease(), "", Duration.ZERO))
                .toList();
        if (!batch.isEmpty()) {
          var answer = subject.jobs().settle(batch);
          JobCalls.Settle.took(subject, subject.answer(), batch, answer, seen);
        }
      }
    }

    @Override
    public List<AdvanceAndLook> simpler() {
      return advance.simpler().stream().map(AdvanceAndLook::new).toList();
    }
  }
}
