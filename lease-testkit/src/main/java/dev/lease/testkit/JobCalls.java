package dev.lease.testkit;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The calls of workers in a random sequence. All durations are whole days, and deadlines on a
 * running clock half a day more, so delays of the machine do not matter.
 */
final class JobCalls {

  private JobCalls() {}

  /**
   * A deadline.
   *
   * @param days when it is: in this many days
   * @param isInstant whether the call names the instant, and not the time until then
   */
  record Deadline(int days, boolean isInstant) {

    Due due(JobSubject subject) {
      // Time moves by whole days, and on a running clock by a little more.
      Duration margin = subject.time.isFrozen() ? Duration.ZERO : Duration.ofHours(12);
      Duration time = Duration.ofDays(days).plus(margin);
      if (!isInstant) {
        return Due.after(time);
      }
      Due due = Due.at(subject.time.now().plus(time));
      subject.name(due, "Due.at(storeNow().plus(" + JavaSource.of(time) + "))");
      return due;
    }
  }

  /**
   * A job to enqueue.
   *
   * @param days when the job is due: in this many days or, if negative, at an instant that many
   *     days ago
   * @param trace the value of its only header; null if it has none
   * @param maxFailures how many failures it may have; null if the worker decides
   * @param keyDays for how many days its dedup key stays taken; null if that ends with the job
   * @param deadline when it must have begun; moved to the time when it is due if that is later
   * @param key its key for limits, or null
   */
  record Draft(
      ModelQueue queue,
      String id,
      String payload,
      int priority,
      int days,
      int maxCrashes,
      @Nullable String dedupKey,
      @Nullable Integer keepDays,
      @Nullable String trace,
      @Nullable Integer maxFailures,
      @Nullable Integer keyDays,
      @Nullable Deadline deadline,
      @Nullable String key) {

    Draft(
        ModelQueue queue,
        String id,
        String payload,
        int priority,
        int days,
        int maxCrashes,
        @Nullable String dedupKey,
        @Nullable Integer keepDays,
        @Nullable String trace,
        @Nullable Integer maxFailures,
        @Nullable Integer keyDays,
        @Nullable Deadline deadline) {
      this(
          queue,
          id,
          payload,
          priority,
          days,
          maxCrashes,
          dedupKey,
          keepDays,
          trace,
          maxFailures,
          keyDays,
          deadline,
          null);
    }

    Draft withKey(@Nullable String key) {
      return new Draft(
          queue,
          id,
          payload,
          priority,
          days,
          maxCrashes,
          dedupKey,
          keepDays,
          trace,
          maxFailures,
          keyDays,
          deadline,
          key);
    }

    Draft withKeep(int days) {
      return with(dedupKey, days, trace, maxFailures, keyDays, deadline);
    }

    NewJob job(JobSubject subject) {
      return NewJob.builder(subject.queueName(queue), id, "kit", payload)
          .priority(priority)
          .due(due(subject))
          .notAfter(notAfter(subject))
          .maxCrashes(maxCrashes)
          .maxFailures(maxFailures)
          .dedupKey(dedupKey)
          .dedupFor(keyDays == null || dedupKey == null ? null : Duration.ofDays(keyDays))
          .key(key)
          .keep(keepDays == null ? null : Duration.ofDays(keepDays))
          .headers(trace == null ? Map.of() : Map.of("trace", trace))
          .build();
    }

    private Due due(JobSubject subject) {
      if (days >= 0) {
        return Due.after(Duration.ofDays(days));
      }
      Duration ago = Duration.ofDays(-days);
      Due due = Due.at(subject.time.now().minus(ago));
      subject.name(due, "Due.at(storeNow().minus(" + JavaSource.of(ago) + "))");
      return due;
    }

    private @Nullable Due notAfter(JobSubject subject) {
      return deadline == null
          ? null
          : new Deadline(Math.max(days, deadline.days()), deadline.isInstant()).due(subject);
    }

    List<Draft> simpler() {
      return Stream.of(
              with(ModelQueue.MAIN, payload, priority, days, maxCrashes),
              with(queue, "", priority, days, maxCrashes),
              with(queue, payload, 5, days, maxCrashes),
              with(queue, payload, priority, 0, maxCrashes),
              with(queue, payload, priority, days, maxCrashes == 2 ? 1 : maxCrashes),
              with(queue, payload, priority, days, 3),
              with(null, keepDays, trace, maxFailures, null, deadline),
              with(dedupKey, null, trace, maxFailures, keyDays, deadline),
              with(dedupKey, keepDays, null, maxFailures, keyDays, deadline),
              with(dedupKey, keepDays, trace, null, keyDays, deadline),
              with(dedupKey, keepDays, trace, maxFailures, null, deadline),
              with(dedupKey, keepDays, trace, maxFailures, keyDays, null),
              withKey(null))
          .filter(simple -> !simple.equals(this))
          .toList();
    }

    private Draft with(ModelQueue queue, String payload, int priority, int days, int maxCrashes) {
      return new Draft(
          queue,
          id,
          payload,
          priority,
          days,
          maxCrashes,
          dedupKey,
          keepDays,
          trace,
          maxFailures,
          keyDays,
          deadline,
          key);
    }

    private Draft with(
        @Nullable String dedupKey,
        @Nullable Integer keepDays,
        @Nullable String trace,
        @Nullable Integer maxFailures,
        @Nullable Integer keyDays,
        @Nullable Deadline deadline) {
      return new Draft(
          queue,
          id,
          payload,
          priority,
          days,
          maxCrashes,
          dedupKey,
          keepDays,
          trace,
          maxFailures,
          keyDays,
          deadline,
          key);
    }
  }

  record Enqueue(List<Draft> drafts) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      List<NewJob> batch = drafts.stream().map(draft -> draft.job(subject)).toList();
      List<Enqueued> answer = subject.jobs().enqueue(batch);
      seen.add(subject.answer(), "%1$s", answer);
      for (int i = 0; i < answer.size(); i++) {
        if (answer.get(i).created()) {
          subject.made(drafts.get(i).queue(), batch.get(i));
        }
      }
    }

    @Override
    public List<Enqueue> simpler() {
      return shorterOrSimpler(drafts, Draft::simpler).map(Enqueue::new).toList();
    }
  }

  record Claim(ModelQueue queue, int limit, int days) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      JobSubject.Doomed doomed = subject.doomed(queue);
      Claim whole = whole(subject, doomed);
      var answer = whole.make(subject);
      whole.took(subject, subject.answer(), answer, doomed, seen);
    }

    /**
     * What a claim that finishes jobs gives in its last places depends on when it passes their
     * slots on, so it claims all.
     */
    Claim whole(JobSubject subject, JobSubject.Doomed doomed) {
      return subject.hasKeys() && limit > 0 && doomed.any()
          ? new Claim(queue, JobSubject.ALL, days)
          : this;
    }

    private dev.lease.Claim make(JobSubject subject) {
      return subject
          .jobs()
          .claim(ClaimRequest.of(subject.queueName(queue), "worker", limit, Duration.ofDays(days)));
    }

    void took(
        JobSubject subject,
        String claim,
        dev.lease.Claim given,
        JobSubject.Doomed doomed,
        Observation seen) {
      List<ClaimedJob> answer = given.jobs();
      if (answer.size() < limit && !subject.paused.contains(queue)) {
        // A claim that reached its limit, or of a paused queue, need not have found the jobs that
        // it would finish.
        seen.add(
            claim,
            "%1$s.finished().stream().map(it -> it.id() + it.state() + it.attempts()"
                + " + it.failures() + it.error()).sorted().toList()",
            given.finished().stream()
                .map(it -> it.id() + it.state() + it.attempts() + it.failures() + it.error())
                .sorted()
                .toList());
      }
      if (subject.hasKeys() && limit == JobSubject.ALL) {
        gaveAll(subject, claim, given, seen);
        return;
      }
      gave(subject, claim + ".jobs()", answer, seen);
      if (answer.size() == limit || subject.paused.contains(queue)) {
        meet(doomed, subject, seen);
      }
    }

    /** Claims all jobs of a queue whose jobs have keys, and returns them by their ids. */
    List<ClaimedJob> all(JobSubject subject, Observation seen) {
      var given = make(subject);
      return gaveAll(subject, subject.answer(), given, seen);
    }

    /** Where those stand whom a job has passed its slot on depends on when it did. */
    private List<ClaimedJob> gaveAll(
        JobSubject subject, String claim, dev.lease.Claim given, Observation seen) {
      String sorted = ".jobs().stream().sorted(Comparator.comparing(it -> it.lease().jobId()))";
      List<ClaimedJob> byId =
          given.jobs().stream().sorted(Comparator.comparing(job -> job.lease().jobId())).toList();
      gave(subject, claim + sorted + ".toList()", byId, seen);
      return byId;
    }

    private void gave(JobSubject subject, String code, List<ClaimedJob> answer, Observation seen) {
      seen.add(
          code,
          "%1$s.stream().map(it -> it.lease().jobId()).toList()",
          answer.stream().map(it -> it.lease().jobId()).toList());
      for (int i = 0; i < answer.size(); i++) {
        ClaimedJob job = answer.get(i);
        String one = code + ".get(" + i + ")";
        seen.add(one, "%1$s.attempt()", job.attempt());
        seen.add(one, "%1$s.failures()", job.failures());
        seen.add(one, "%1$s.maxCrashes()", job.maxCrashes());
        seen.add(one, "%1$s.maxFailures()", job.maxFailures());
        seen.add(one, "%1$s.priority()", job.priority());
        seen.add(one, "%1$s.payload()", job.payload());
        seen.add(one, "%1$s.headers()", job.headers());
      }
      subject.granted(queue, code, answer, seen);
    }

    /**
     * Makes every store finish all jobs that a claim finishes, unless the queue is paused [Q20].
     */
    private void meet(JobSubject.Doomed doomed, JobSubject subject, Observation seen) {
      if (doomed.isExpired() && subject.hasAdmin()) {
        subject.admin().resetExpired(subject.queueName(queue), JobSubject.ALL).count();
      }
      boolean needsClaim = doomed.isWaiting() || (doomed.isExpired() && !subject.hasAdmin());
      if (needsClaim && !subject.paused.contains(queue)) {
        // Which of them the claim at its limit has finished already is left open.
        var all = new Claim(queue, JobSubject.ALL, 1);
        List<ClaimedJob> answer = all.make(subject).jobs();
        all.gave(subject, subject.answer() + ".jobs()", answer, seen);
      }
    }

    @Override
    public List<Claim> simpler() {
      return Stream.of(
              new Claim(ModelQueue.MAIN, limit, days),
              new Claim(queue, Math.min(limit, 1), days),
              new Claim(queue, Math.min(limit, 2), days),
              new Claim(queue, limit, 1))
          .filter(simple -> !simple.equals(this))
          .toList();
    }
  }

  record Extend(List<GivenLease> holds, int days) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      List<JobLease> leases = holds.stream().flatMap(it -> subject.lease(it).stream()).toList();
      if (leases.isEmpty()) {
        return;
      }
      List<Extension> answer = subject.jobs().extend(leases, Duration.ofDays(days));
      for (int i = 0; i < answer.size(); i++) {
        Extension extension = answer.get(i);
        String one = subject.answer() + ".get(" + i + ")";
        seen.add(one, "%1$s.getClass()", extension.getClass());
        if (extension instanceof Extension.Held held) {
          seen.add(one, "((Extension.Held) %1$s).cancelRequested()", held.cancelRequested());
        }
      }
    }

    @Override
    public List<Extend> simpler() {
      return Stream.concat(
              shorterOrSimpler(holds, GivenLease::simpler).map(it -> new Extend(it, days)),
              Stream.of(new Extend(holds, 1)))
          .filter(simple -> !simple.equals(this))
          .toList();
    }
  }

  /** One settlement of a batch. */
  record PlannedSettlement(GivenLease hold, SettlementKind kind, int days, String text) {

    /**
     * @param position its position in the batch. On a running clock jobs that are due at the same
     *     instant may come in any order, so each job is due a little later than the one before
     */
    Optional<Settlement> settlement(JobSubject subject, int position) {
      Duration delay = Duration.ofDays(days).plusHours(subject.time.isFrozen() ? 0 : position);
      return subject.lease(hold).map(lease -> kind.of(lease, text, delay));
    }

    List<PlannedSettlement> simpler() {
      return Stream.concat(
              hold.simpler().stream()
                  .map(simple -> new PlannedSettlement(simple, kind, days, text)),
              Stream.of(
                  new PlannedSettlement(hold, kind, 0, text),
                  new PlannedSettlement(hold, kind, days, ""),
                  new PlannedSettlement(hold, SettlementKind.FAILED, days, text)))
          .filter(simple -> !simple.equals(this))
          .toList();
    }
  }

  record Settle(List<PlannedSettlement> planned) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      List<Settlement> batch = batch(subject);
      if (!batch.isEmpty()) {
        List<Settlement.Result> answer = subject.jobs().settle(batch);
        took(subject, subject.answer(), batch, answer, seen);
      }
    }

    List<Settlement> batch(JobSubject subject) {
      List<Settlement> batch = new ArrayList<>();
      for (PlannedSettlement one : planned) {
        one.settlement(subject, batch.size()).ifPresent(batch::add);
      }
      return batch;
    }

    static void took(
        JobSubject subject,
        String code,
        List<Settlement> batch,
        List<Settlement.Result> answer,
        Observation seen) {
      for (int i = 0; i < answer.size(); i++) {
        boolean isFree = subject.isReference() && subject.accepted.contains(batch.get(i));
        if (!isFree) {
          seen.add(code, "%1$s.get(" + i + ")", answer.get(i));
        }
        if (answer.get(i) == Settlement.Result.ACCEPTED) {
          subject.accepted.add(batch.get(i));
        }
      }
    }

    @Override
    public List<Settle> simpler() {
      return shorterOrSimpler(planned, PlannedSettlement::simpler).map(Settle::new).toList();
    }
  }

  record SettleAndClaim(Settle settle, Claim claim) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      JobSubject.Doomed doomed = subject.doomed(claim.queue());
      Claim whole = claim.whole(subject, doomed);
      List<Settlement> batch = settle.batch(subject);
      SettledAndClaimed answer =
          subject
              .jobs()
              .settleAndClaim(
                  batch,
                  ClaimRequest.of(
                      subject.queueName(claim.queue()),
                      "worker",
                      whole.limit(),
                      Duration.ofDays(claim.days())));
      String code = subject.answer();
      Settle.took(subject, code + ".settled()", batch, answer.settled(), seen);
      whole.took(subject, code + ".claim()", answer.claim(), doomed, seen);
    }

    @Override
    public List<ModelCall<JobSubject>> simpler() {
      return List.of(settle, claim);
    }
  }

  record Report(GivenLease hold, int percent) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      subject
          .lease(hold)
          .ifPresent(
              lease -> {
                boolean answer = subject.jobs().progress(lease, Progress.of(percent, "so far"));
                seen.add(subject.answer(), "%1$s", answer);
              });
    }

    @Override
    public List<Report> simpler() {
      return hold.simpler().stream().map(simple -> new Report(simple, percent)).toList();
    }
  }

  record Checkpoint(GivenLease hold, String step, String value) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      subject
          .lease(hold)
          .ifPresent(
              lease -> {
                Optional<String> answer = subject.jobs().checkpoint(lease, step, value);
                seen.add(subject.answer(), "%1$s", answer);
              });
    }

    @Override
    public List<Checkpoint> simpler() {
      return hold.simpler().stream().map(simple -> new Checkpoint(simple, step, value)).toList();
    }
  }

  record Checkpoints(GivenLease hold) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      subject
          .lease(hold)
          .ifPresent(
              lease -> {
                Optional<Map<String, String>> answer = subject.jobs().checkpoints(lease);
                seen.add(subject.answer(), "%1$s", answer);
                seen.add(
                    subject.answer(),
                    "%1$s.map(it -> List.copyOf(it.keySet()))",
                    answer.map(it -> List.copyOf(it.keySet())));
              });
    }

    @Override
    public List<Checkpoints> simpler() {
      return hold.simpler().stream().map(simple -> new Checkpoints(simple)).toList();
    }
  }

  /** All lists that lack one of the elements, or have a simpler one in its place. */
  private static <T> Stream<List<T>> shorterOrSimpler(List<T> list, Function<T, List<T>> simpler) {
    List<List<T>> lists = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      if (list.size() > 1) {
        List<T> shorter = new ArrayList<>(list);
        shorter.remove(i);
        lists.add(shorter);
      }
      for (T simple : simpler.apply(list.get(i))) {
        List<T> same = new ArrayList<>(list);
        same.set(i, simple);
        lists.add(same);
      }
    }
    return lists.stream();
  }
}
