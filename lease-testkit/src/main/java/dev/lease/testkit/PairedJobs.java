package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import dev.lease.testkit.PairOfCalls.Call;
import dev.lease.testkit.PairOfCalls.Side;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Jobs in each state, and all that two processes can do to them at once. */
final class PairedJobs {

  private static final String ID = "job";
  private static final String KEY = "key";
  private static final String STEP = "step";

  /** A job, alone in its queue, and the lease of the one who has it or had it. */
  record PairedJob(String queue, JobLease lease) {}

  private final JobContract contract;

  PairedJobs(JobContract contract) {
    this.contract = contract;
  }

  /** The calls that any two processes may make at once. */
  List<Call<PairedJob>> calls() {
    List<Call<PairedJob>> calls = new ArrayList<>();
    calls.add(new Call<>("enqueue of the id", this::enqueueId));
    calls.add(new Call<>("enqueue of the dedup key", this::enqueueKey));
    calls.add(new Call<>("claim", side -> claim(side, false)));
    calls.add(new Call<>("extend", this::extend));
    for (SettlementKind kind : SettlementKind.values()) {
      calls.add(new Call<>("settle as " + kind, side -> settle(side, kind)));
    }
    calls.add(
        new Call<>(
            "progress",
            side -> "" + queue(side).progress(side.on().lease(), Progress.of(1, side.by()))));
    calls.add(new Call<>("checkpoint", side -> checkpoint(side, side.on().lease())));
    calls.add(new Call<>("find", side -> shown(queue(side).find(side.on().queue(), ID), ID)));
    return calls;
  }

  /** Those, and two in a row that no other call of a worker may come between. */
  List<Call<PairedJob>> workersCalls() {
    List<Call<PairedJob>> calls = calls();
    calls.add(new Call<>("claim and checkpoint", side -> claim(side, true)));
    return calls;
  }

  private JobQueue queue(Side<PairedJob> side) {
    return backend(side).jobQueue();
  }

  private Backend backend(Side<PairedJob> side) {
    return side.isFirst() ? contract.bare.one : contract.bare.two;
  }

  private String enqueueId(Side<PairedJob> side) {
    NewJob again = NewJob.builder(side.on().queue(), ID, "kit", side.by()).build();
    return created(queue(side).enqueue(List.of(again)));
  }

  private String enqueueKey(Side<PairedJob> side) {
    NewJob next = NewJob.builder(side.on().queue(), "next", "kit", side.by()).dedupKey(KEY).build();
    return created(queue(side).enqueue(List.of(next)));
  }

  private static String created(List<Enqueued> answers) {
    return answers.get(0).id() + (answers.get(0).created() ? " is new" : " is there");
  }

  private String claim(Side<PairedJob> side, boolean keepsStep) {
    Claim claim =
        queue(side).claim(ClaimRequest.of(side.on().queue(), side.by(), 2, StoreContract.LEASE));
    if (claim.jobs().isEmpty() && claim.finished().isEmpty()) {
      return PairOfCalls.PASSED_BY;
    }
    return claim.jobs().stream()
            .map(
                job ->
                    job.lease().jobId()
                        + " for the "
                        + job.attempt()
                        + ". time"
                        + (keepsStep ? ", " + checkpoint(side, job.lease()) : ""))
            .sorted()
            .collect(Collectors.joining(" and "))
        + claim.finished().stream().map(job -> " ended " + job.id()).collect(Collectors.joining());
  }

  private String extend(Side<PairedJob> side) {
    Extension extension = queue(side).extend(List.of(side.on().lease()), PairOfCalls.LONG).get(0);
    return extension instanceof Extension.Busy
        ? PairOfCalls.PASSED_BY
        : extension instanceof Extension.Held held
            ? "held, cancelled " + held.cancelRequested()
            : "lost";
  }

  private String settle(Side<PairedJob> side, SettlementKind kind) {
    Settlement.Result result = queue(side).settle(List.of(kind.of(side.on().lease()))).get(0);
    return result == Settlement.Result.BUSY ? PairOfCalls.PASSED_BY : result.toString();
  }

  private String checkpoint(Side<PairedJob> side, JobLease lease) {
    return queue(side).checkpoint(lease, STEP, side.by()).orElse("lost");
  }

  /** The calls of operators. */
  List<Call<PairedJob>> operatorsCalls() {
    List<Call<PairedJob>> calls = new ArrayList<>();
    calls.add(new Call<>("cancel", side -> "" + admin(side).cancel(side.on().queue(), ID)));
    calls.add(new Call<>("requeue", side -> "" + admin(side).requeue(side.on().queue(), ID)));
    calls.add(new Call<>("delete", side -> "" + admin(side).delete(side.on().queue(), ID)));
    calls.add(
        new Call<>(
            "change",
            side ->
                ""
                    + admin(side)
                        .change(
                            side.on().queue(),
                            ID,
                            JobChange.builder().priority(side.isFirst() ? 8 : 7).build())));
    calls.add(
        new Call<>(
            "reset", side -> counted(admin(side).resetExpired(side.on().queue(), 2).count())));
    calls.add(
        new Call<>(
            "purge", side -> counted(admin(side).purge(side.on().queue(), Duration.ZERO, 2))));
    return calls;
  }

  /** Changes of each field, other ones on each side, and a claim that tells all that it gives. */
  List<Call<PairedJob>> changes() {
    List<Call<PairedJob>> calls = new ArrayList<>();
    calls.add(change("priority", (change, n) -> change.priority(n)));
    calls.add(change("payload", (change, n) -> change.payload("payload " + n)));
    calls.add(change("due time", (change, n) -> change.due(Due.after(Duration.ofDays(n)))));
    calls.add(change("deadline", (change, n) -> change.notAfter(Due.after(Duration.ofDays(n)))));
    calls.add(change("numbers", (change, n) -> change.crashesLeft(n).failuresLeft(n)));
    calls.add(new Call<>("claim", this::wholeClaim));
    return calls;
  }

  private Call<PairedJob> change(String field, BiConsumer<JobChange.Builder, Integer> setter) {
    return new Call<>(
        "change of the " + field,
        side -> {
          var change = JobChange.builder();
          setter.accept(change, side.isFirst() ? 3 : 4);
          return "" + admin(side).change(side.on().queue(), ID, change.build());
        });
  }

  private String wholeClaim(Side<PairedJob> side) {
    Claim claim =
        queue(side).claim(ClaimRequest.of(side.on().queue(), side.by(), 1, StoreContract.LEASE));
    return claim.jobs().isEmpty()
        ? PairOfCalls.PASSED_BY
        : claim.jobs().stream()
            .map(
                job ->
                    fields(
                        job.payload(),
                        job.headers(),
                        job.priority(),
                        days(job.claimedAt(), job.dueAt()),
                        days(job.claimedAt(), job.notAfter()),
                        job.maxCrashes(),
                        job.maxFailures()))
            .findFirst()
            .orElseThrow();
  }

  /** What is left of a job, with all that a change may set. */
  String wholeLeft(PairedJob paired) {
    Job job = contract.bare.two.jobQueue().find(paired.queue(), ID).orElseThrow();
    return shown(Optional.of(job), ID)
        + fields(
            job.payload(),
            job.headers(),
            job.priority(),
            days(job.asOf(), job.dueAt()),
            days(job.asOf(), job.notAfter()),
            job.maxCrashes(),
            job.maxFailures());
  }

  private static String fields(@Nullable Object... values) {
    return Arrays.toString(values);
  }

  private static @Nullable Long days(Instant from, @Nullable Instant to) {
    return to == null ? null : Duration.between(from, to).plusHours(12).toDays();
  }

  /** An enqueue of the same dedup key, with another id and type on each side. */
  Call<PairedJob> enqueueOfTheKeyWithAnotherType() {
    return new Call<>(
        "enqueue of the dedup key with another type",
        side ->
            created(
                queue(side)
                    .enqueue(
                        List.of(
                            NewJob.builder(side.on().queue(), side.by(), side.by(), "")
                                .dedupKey(KEY)
                                .build()))));
  }

  /** Which of the jobs that both sides may have enqueued are there. */
  String leftOfBoth(PairedJob paired) {
    return Stream.of(true, false)
        .map(first -> new Side<>(first, paired).by())
        .filter(id -> contract.bare.two.jobQueue().find(paired.queue(), id).isPresent())
        .toList()
        .toString();
  }

  private JobAdmin admin(Side<PairedJob> side) {
    return backend(side).jobAdmin();
  }

  private static String counted(int count) {
    return count == 0 ? PairOfCalls.PASSED_BY : count + " jobs";
  }

  /** What is left of the job, and of the one that may have taken its dedup key. */
  String left(PairedJob paired) {
    return left(paired, ID) + "; " + left(paired, "next");
  }

  private String left(PairedJob paired, String id) {
    JobQueue queue = contract.bare.two.jobQueue();
    Optional<Job> found = queue.find(paired.queue(), id);
    return shown(found, id)
        + found
            .map(Job::lease)
            .map(lease -> ", steps " + queue.checkpoints(lease).orElse(Map.of()))
            .orElse("");
  }

  private static String shown(Optional<Job> found, String id) {
    if (found.isEmpty()) {
      return "no " + id;
    }
    Job job = found.get();
    JobLease lease = job.lease();
    return "%s is %s after %s attempts, priority %s, cancelled %s, held by %s, %s, %s, %s"
        .formatted(
            id,
            job.state(),
            job.attempts(),
            job.priority(),
            job.cancelRequested(),
            lease == null
                ? "nobody"
                : lease.owner()
                    + PairOfCalls.howLong(Duration.between(job.asOf(), lease.expiresAt())),
            job.progress(),
            job.error(),
            job.result());
  }

  List<PairedJob> waiting(int count) {
    List<PairedJob> made = held(count);
    settle(made, SettlementKind.RELEASED);
    return made;
  }

  List<PairedJob> expired(int count) throws Exception {
    List<PairedJob> made = held(count);
    contract.expireLeases();
    return made;
  }

  private void settle(List<PairedJob> made, SettlementKind kind) {
    contract.bare.one.jobQueue().settle(made.stream().map(job -> kind.of(job.lease())).toList());
  }

  List<PairedJob> held(int count) {
    JobQueue queue = contract.bare.one.jobQueue();
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      batch.add(
          NewJob.builder(Names.unique("pair"), ID, "kit", "")
              .dedupKey(KEY)
              .headers(Map.of("a", "b"))
              .maxCrashes(9)
              .build());
    }
    queue.enqueue(batch);
    List<PairedJob> made = new ArrayList<>();
    for (NewJob job : batch) {
      Claim claim = queue.claim(ClaimRequest.of(job.queue(), "before", 1, contract.term));
      made.add(new PairedJob(job.queue(), claim.jobs().get(0).lease()));
    }
    return made;
  }

  List<PairedJob> failed(int count) {
    List<PairedJob> made = held(count);
    settle(made, SettlementKind.FAILED);
    return made;
  }
}
