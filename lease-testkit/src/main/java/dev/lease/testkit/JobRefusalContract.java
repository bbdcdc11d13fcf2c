package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A call of a worker that throws has changed nothing, as another object shows. */
@Since(3)
abstract class JobRefusalContract extends JobObjectContract {

  private static final String HELD = "held";
  private static final String WAITING = "waiting";

  /** A job that is there only if a call that was refused has made it. */
  private static final String NEXT = "next";

  private final Refusals refusals = new Refusals(this::shown);

  private Optional<JobLease> lease = Optional.empty();

  private List<Object> shown() {
    List<Object> all = new ArrayList<>();
    Stream.of(HELD, WAITING, NEXT).forEach(id -> all.add(record(id)));
    lease.ifPresent(held -> all.add(others.checkpoints(held)));
    return all;
  }

  /** A job that is held, with a step and progress, and one that waits. */
  private JobLease begin() {
    takeLongLeases();
    JobLease held = held(job(HELD));
    jobs.progress(held, Progress.of(5, "so far"));
    jobs.checkpoint(held, "one", "value");
    enqueued(job(WAITING));
    lease = Optional.of(held);
    return held;
  }

  private NewJob next() {
    return job(NEXT).build();
  }

  private ClaimRequest request() {
    return ClaimRequest.of(queue, "worker", 1, term);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q09 an enqueue that is refused stores none of its batch")
  void refusedEnqueues() {
    begin();
    refusals.refused("enqueue of no list", () -> jobs.enqueue(absent()));
    refusals.refused("enqueue with a null", () -> jobs.enqueue(Arrays.asList(next(), absent())));
    List<NewJob> many = new ArrayList<>(Collections.nCopies(Limits.MAX_BATCH, job("x").build()));
    many.add(0, next());
    refusals.refused("enqueue of too many", () -> jobs.enqueue(many));
    if (lacks(Capability.KEYS)) {
      List<NewJob> batch = List.of(next(), job("y").key("key").build());
      refusals.unsupported("enqueue with a key", () -> jobs.enqueue(batch));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q11 a claim that is refused takes no job, and settles none with it")
  void refusedClaims() {
    JobLease held = begin();
    List<Settlement> done = List.of(SettlementKind.DONE.of(held));
    refusals.refused("claim without a request", () -> jobs.claim(absent()));
    refusals.refused("settleAndClaim without a request", () -> jobs.settleAndClaim(done, absent()));
    refusals.refused(
        "settleAndClaim with a null",
        () -> jobs.settleAndClaim(Arrays.asList(done.get(0), absent()), request()));
    refusals.refused(
        "settleAndClaim without a list", () -> jobs.settleAndClaim(absent(), request()));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q22 an extension that is refused moves no expiry")
  void refusedExtensions() {
    JobLease held = begin();
    Duration year = Duration.ofDays(365);
    Refusals.BAD_LEASES.forEach(
        (why, bad) -> refusals.refused("extend for " + why, () -> jobs.extend(List.of(held), bad)));
    refusals.refused("extend of no list", () -> jobs.extend(absent(), year));
    refusals.refused("extend with a null", () -> jobs.extend(Arrays.asList(held, absent()), year));
    refusals.refused(
        "extend of too many",
        () -> jobs.extend(Collections.nCopies(Limits.MAX_BATCH + 1, held), year));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q24 progress that is refused replaces nothing")
  void refusedProgress() {
    JobLease held = begin();
    refusals.refused("progress of nothing", () -> jobs.progress(held, absent()));
    refusals.refused("progress of no job", () -> jobs.progress(absent(), Progress.of(6, "")));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q26 a checkpoint that is refused keeps no value")
  void refusedCheckpoints() {
    JobLease held = begin();
    Texts.BAD_NAMES.forEach(
        (why, bad) ->
            refusals.refused(
                "checkpoint of a step " + why, () -> jobs.checkpoint(held, bad, "value")));
    refusals.refused("checkpoint of no step", () -> jobs.checkpoint(held, absent(), "value"));
    refusals.refused("checkpoint of nothing", () -> jobs.checkpoint(held, "two", absent()));
    refusals.refused("checkpoint with U+0000", () -> jobs.checkpoint(held, "two", "a\0b"));
    String tooLong = "x".repeat(Limits.MAX_TEXT_BYTES + 1);
    refusals.refused("checkpoint of too much", () -> jobs.checkpoint(held, "two", tooLong));
    refusals.refused("checkpoint of no job", () -> jobs.checkpoint(absent(), "two", "value"));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q39 a batch of settlements that is refused settles none of them")
  void refusedSettlements() {
    JobLease held = begin();
    for (SettlementKind kind : SettlementKind.values()) {
      Settlement one = kind.of(held);
      refusals.refused(
          "settle as " + kind + " with a null", () -> jobs.settle(Arrays.asList(one, absent())));
      refusals.refused(
          "settle of too many as " + kind,
          () -> jobs.settle(Collections.nCopies(Limits.MAX_BATCH + 1, one)));
    }
    refusals.refused("settle of no list", () -> jobs.settle(absent()));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q54 a call of a closed object changes nothing")
  void callsAfterClose() throws Exception {
    JobLease held = begin();
    Backend backend = open();
    JobQueue closed = backend.jobQueue();
    close(backend);
    refusals.closed("enqueue", () -> closed.enqueue(List.of(next())));
    refusals.closed("claim", () -> closed.claim(request()));
    refusals.closed("extend", () -> closed.extend(List.of(held), Duration.ofDays(365)));
    refusals.closed("progress", () -> closed.progress(held, Progress.of(6, "after")));
    refusals.closed("checkpoint", () -> closed.checkpoint(held, "two", "value"));
    refusals.closed("checkpoints", () -> closed.checkpoints(held));
    refusals.closed("find", () -> closed.find(queue, HELD));
    for (SettlementKind kind : SettlementKind.values()) {
      List<Settlement> one = List.of(kind.of(held));
      refusals.closed("settle as " + kind, () -> closed.settle(one));
      refusals.closed("settleAndClaim as " + kind, () -> closed.settleAndClaim(one, request()));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q55 after close nobody subscribes to hints, and nobody gives one")
  void hintsAfterClose() throws Exception {
    if (lacks(Capability.HINTS)) {
      reportAsLacking(Capability.HINTS);
    }
    Backend backend = open();
    JobQueue closed = backend.jobQueue();
    close(backend);
    assertClosed("onWork", () -> closed.onWork(queue, () -> {}));
    assertClosed("hint", () -> closed.hint(queue));
  }
}
