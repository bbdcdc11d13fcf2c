package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import dev.lease.testkit.Caller.Reply;
import dev.lease.testkit.Event.Answer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A producer and worker that makes random calls and notes them in a history. */
final class JobCaller {

  private static final String STEP = "step";

  private final Caller caller;
  private final List<JobQueue> stores;
  private final @Nullable JobAdmin admin;
  private final String queue;
  private final Duration lease;

  /** The last leases that it was given. It also makes stale calls, with leases that it has lost. */
  private final Deque<JobLease> leases = new ArrayDeque<>();

  private @Nullable Settlement lastSettlement;
  private int notes;

  JobCaller(Caller caller, List<Backend> backends, String queue, Duration lease) {
    this.caller = caller;
    this.stores = backends.stream().map(Backend::jobQueue).map(caller.faults::wrap).toList();
    Backend first = backends.get(0);
    this.admin =
        first.capabilities().contains(Capability.ADMIN)
            ? caller.faults.wrap(first.jobAdmin())
            : null;
    this.queue = queue;
    this.lease = lease;
  }

  /** Makes a random call with some of these jobs. */
  void act(List<String> ids) {
    if (caller.random.nextInt(100) < 15) {
      enqueue(caller.some(ids, 3));
    } else {
      work(ids);
    }
  }

  /** Makes a random call of a worker, or reads one of these jobs. */
  void work(List<String> ids) {
    int dice = 15 + caller.random.nextInt(85);
    if (dice < 40 || leases.isEmpty()) {
      claim(1 + caller.random.nextInt(3));
    } else if (dice < 55) {
      extend(caller.some(leases, 4));
    } else if (dice < 80) {
      settle(caller.some(leases, 2).stream().map(this::settlement).toList());
    } else if (dice < 85) {
      progress(caller.any(leases));
    } else if (dice < 90) {
      checkpoint(caller.any(leases));
    } else if (dice < 93) {
      find(caller.any(ids));
    } else if (dice < 96) {
      repeat();
    } else {
      reset();
    }
  }

  /** Claims and finishes all due jobs, with a limit in case the store gives jobs without end. */
  void workOff(int most) {
    for (int i = 0; i < most; i++) {
      leases.clear();
      claim(10);
      if (leases.isEmpty()) {
        return;
      }
      leases.forEach(this::checkpoint);
      settle(leases.stream().map(SettlementKind.DONE::of).toList());
    }
  }

  /** Claims and finishes one job. */
  void finishOne() {
    leases.clear();
    claim(1);
    settle(leases.stream().map(SettlementKind.DONE::of).toList());
  }

  void enqueue(List<String> ids) {
    List<NewJob> jobs = ids.stream().map(this::job).toList();
    Reply<List<Enqueued>> reply = caller.call(() -> caller.any(stores).enqueue(jobs));
    for (int i = 0; i < jobs.size(); i++) {
      int at = i;
      caller.note(
          new Event.Enqueued(
              reply.span(),
              ids.get(i),
              reply.answer(all -> yesIf(all.get(at).created())),
              jobs.get(i).maxCrashes(),
              Objects.requireNonNull(jobs.get(i).maxFailures())));
    }
  }

  /** A job with few crashes and failures, so that some jobs have none left. */
  private NewJob job(String id) {
    return NewJob.builder(queue, id, "kit", "")
        .key(KeyHistoryCheck.keyOf(id))
        .maxCrashes(1 + Math.floorMod(id.hashCode(), 3))
        .maxFailures(2 + Math.floorMod(id.hashCode() / 3, 3))
        .build();
  }

  private void claim(int limit) {
    Reply<List<ClaimedJob>> reply =
        caller.call(
            () -> caller.any(stores).claim(ClaimRequest.of(queue, "worker", limit, lease)).jobs());
    List<ClaimedJob> claimed = reply.value();
    if (claimed == null) {
      caller.note(new Event.Granted(reply.span(), "", reply.failure(), lease, 0, 0));
      return;
    }
    for (ClaimedJob job : claimed) {
      JobLease given = job.lease();
      leases.add(given);
      caller.note(
          new Event.Granted(
              reply.span(),
              given.jobId(),
              Answer.YES,
              lease,
              given.token(),
              job.attempt(),
              job.failures()));
    }
    while (leases.size() > 10) {
      leases.remove();
    }
  }

  private void extend(List<JobLease> held) {
    Reply<List<Extension>> reply = caller.call(() -> caller.any(stores).extend(held, lease));
    for (int i = 0; i < held.size(); i++) {
      int at = i;
      JobLease one = held.get(i);
      caller.note(
          new Event.Extended(
              reply.span(),
              one.jobId(),
              reply.answer(all -> answer(all.get(at))),
              one.token(),
              lease));
    }
  }

  private static Answer answer(Extension extension) {
    if (extension instanceof Extension.Busy) {
      return Answer.BUSY;
    }
    return yesIf(extension instanceof Extension.Held);
  }

  private static Answer answer(Settlement.Result result) {
    return result == Settlement.Result.BUSY
        ? Answer.BUSY
        : yesIf(result == Settlement.Result.ACCEPTED);
  }

  private Settlement settlement(JobLease held) {
    if (caller.random.nextInt(3) > 0) {
      leases.remove(held);
    }
    String note = caller + " " + notes++;
    Duration delay = caller.random.nextInt(4) == 0 ? lease.dividedBy(2) : Duration.ZERO;
    int dice = caller.random.nextInt(11);
    if (dice < 3) {
      return Settlement.done(held, note);
    }
    if (dice < 4) {
      return Settlement.failed(held, note);
    }
    if (dice < 5) {
      return Settlement.cancelled(held, note);
    }
    return dice < 8 ? Settlement.retry(held, delay, note) : Settlement.released(held, delay);
  }

  private void settle(List<Settlement> settlements) {
    if (settlements.isEmpty()) {
      return;
    }
    Reply<List<Settlement.Result>> reply =
        caller.call(() -> caller.any(stores).settle(settlements));
    IntStream.range(0, settlements.size())
        .mapToObj(
            i -> settled(reply.span(), reply.answer(all -> answer(all.get(i))), settlements.get(i)))
        .forEach(caller::note);
    lastSettlement = settlements.get(0);
  }

  /** Repeats the last settlement, as a worker does after an unknown outcome. */
  private void repeat() {
    if (lastSettlement != null) {
      settle(List.of(lastSettlement));
    }
  }

  private static Event.Settled settled(Span span, Answer answer, Settlement settlement) {
    JobLease held = settlement.lease();
    SettlementKind how;
    Duration delay = Duration.ZERO;
    String note = "";
    if (settlement instanceof Settlement.Done done) {
      how = SettlementKind.DONE;
      note = String.valueOf(done.result());
    } else if (settlement instanceof Settlement.Failed failed) {
      how = SettlementKind.FAILED;
      note = failed.error();
    } else if (settlement instanceof Settlement.Cancelled cancelled) {
      how = SettlementKind.CANCELLED;
      note = cancelled.reason();
    } else if (settlement instanceof Settlement.Retry retry) {
      how = SettlementKind.RETRY;
      delay = retry.delay();
      note = retry.error();
    } else {
      how = SettlementKind.RELEASED;
      delay = ((Settlement.Released) settlement).delay();
    }
    return new Event.Settled(span, held.jobId(), answer, held.token(), how, delay, note);
  }

  private void progress(JobLease held) {
    Reply<Boolean> reply =
        caller.call(() -> caller.any(stores).progress(held, Progress.of(50, "half")));
    caller.note(
        new Event.Progressed(
            reply.span(), held.jobId(), reply.answer(JobCaller::yesIf), held.token()));
  }

  private void checkpoint(JobLease held) {
    String value = caller + " " + notes++;
    Reply<Optional<String>> reply =
        caller.call(() -> caller.any(stores).checkpoint(held, STEP, value));
    Optional<String> kept = reply.value();
    caller.note(
        new Event.Checkpointed(
            reply.span(),
            held.jobId(),
            reply.answer(answer -> yesIf(answer.isPresent())),
            held.token(),
            STEP,
            value,
            kept == null ? "" : kept.orElse("")));
  }

  /** Reads a job. A read without a reply proves nothing, so it is not noted. */
  void find(String id) {
    Reply<Optional<Job>> reply = caller.call(() -> caller.any(stores).find(queue, id));
    Optional<Job> found = reply.value();
    if (found != null) {
      caller.note(found(reply.span(), id, found));
    }
  }

  private static Event.Found found(Span span, String id, Optional<Job> found) {
    if (found.isEmpty()) {
      return new Event.Found(span, id, Answer.NO, 0, null, 0, null);
    }
    Job job = found.get();
    String note = job.state() == JobState.DONE ? job.result() : job.error();
    return new Event.Found(span, id, Answer.YES, job.token(), job.state(), job.attempts(), note);
  }

  private void reset() {
    JobAdmin operators = admin;
    if (operators == null) {
      return;
    }
    Reply<Integer> reply = caller.call(() -> operators.resetExpired(queue, 100).count());
    Integer count = reply.value();
    caller.note(
        new Event.Reset(reply.span(), reply.answer(all -> Answer.YES), count == null ? 0 : count));
  }

  private static Answer yesIf(boolean yes) {
    return yes ? Answer.YES : Answer.NO;
  }
}
