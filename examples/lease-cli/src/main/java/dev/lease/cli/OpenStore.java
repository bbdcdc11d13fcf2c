package dev.lease.cli;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobGraphs;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.LeaseStore;
import dev.lease.Operator;
import dev.lease.QueueCounts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A store, for operators. */
record OpenStore(Backend backend) implements AutoCloseable {

  /** Payloads may be large: a page of them must fit into the memory. */
  static final int PAGE = 200;

  JobQueue queue() {
    return backend.jobQueue();
  }

  LeaseStore leases() {
    return backend.leaseStore();
  }

  JobAdmin admin() {
    return backend.jobAdmin();
  }

  /**
   * The limits of keys.
   *
   * @throws UnsupportedOperationException if the store has none
   */
  Admission admission() {
    return backend.admission();
  }

  /**
   * The graphs of jobs.
   *
   * @throws UnsupportedOperationException if the store has none
   */
  JobGraphs graphs() {
    return backend.jobGraphs();
  }

  /** The same store, for an operator whose acts it records. */
  OpenStore by(Operator operator) {
    return new OpenStore(BackendView.of(backend).withJobAdmin(admin().by(operator)));
  }

  /**
   * Hands out the jobs that match until the taker has enough, and answers false.
   *
   * @return false if the taker had enough
   */
  boolean read(JobQuery query, Predicate<Job> taker) {
    JobQuery next = query;
    JobPage page;
    do {
      page = admin().list(next);
      for (Job job : page.jobs()) {
        if (!taker.test(job)) {
          return false;
        }
      }
      next = query.after(page.next());
    } while (page.next() != null);
    return true;
  }

  /** The queues in which to look. */
  Stream<String> queues(@Nullable String inQueue) {
    return inQueue == null
        ? admin().counts().queues().stream().map(QueueCounts::queue)
        : Stream.of(inQueue);
  }

  /** The jobs of an id: there may be one in each queue. */
  List<Job> named(String id, @Nullable String inQueue) {
    return queues(inQueue).map(each -> queue().find(each, id)).flatMap(Optional::stream).toList();
  }

  /** Whether a queue has jobs, or limits of keys or its own. */
  boolean hasJobsOrLimits(String queue) {
    KeyPage page = admission().keys(queue, null, 1);
    return !page.keys().isEmpty()
        || page.limit() != null
        || page.queueSlots() != null
        || admin().counts().queues().stream().anyMatch(each -> each.queue().equals(queue));
  }

  long heldBack(String queue) {
    return admin().counts().queues().stream()
        .filter(counts -> counts.queue().equals(queue))
        .mapToLong(QueueCounts::heldBack)
        .sum();
  }

  /** A key; empty if it has no job that is not finished, and no limit of its own. */
  Optional<KeyState> key(String queue, String key) {
    // All that begin with this come next, and the key is among them.
    String beginning = key.substring(0, key.offsetByCodePoints(key.length(), -1));
    String after = beginning.isBlank() ? null : beginning;
    do {
      KeyPage page = admission().keys(queue, after, PAGE);
      for (KeyState state : page.keys()) {
        if (state.key().equals(key)) {
          return Optional.of(state);
        }
        if (!state.key().startsWith(beginning)) {
          return Optional.empty();
        }
      }
      after = page.next();
    } while (after != null);
    return Optional.empty();
  }

  /** The store's clock; that of this machine if there is no job. */
  Instant now() {
    return admin()
        .list(JobQuery.of(JobFilter.all()).order(JobOrder.NEWEST_FIRST).limit(1).brief())
        .jobs()
        .stream()
        .map(Job::asOf)
        .findFirst()
        .orElseGet(Instant::now);
  }

  @Override
  public void close() {
    backend.close();
  }
}
