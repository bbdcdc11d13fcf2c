package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds out what happened to jobs between one look at them and the next. */
final class Tail {

  /**
   * What happened to a job.
   *
   * @param at when, by the store's clock; of a job that began, when it was seen
   * @param what what happened
   * @param job the job afterwards; if it is gone, before
   */
  record Event(Instant at, String what, Job job) {}

  private record Key(String queue, String id) {}

  private Map<Key, Job> before = new LinkedHashMap<>();

  /** The time of the first look: what finished earlier is no news. */
  private @Nullable Instant began;

  /**
   * Compares with the look before.
   *
   * @param now the store's clock
   * @param jobs those that are held, and the newest in any state
   * @param find reads a job that was held and is no longer among these
   * @return what happened, in the order of time
   */
  List<Event> look(Instant now, List<Job> jobs, Function<Job, Optional<Job>> find) {
    boolean first = began == null;
    if (first) {
      began = now;
    }
    List<Event> events = new ArrayList<>();
    Map<Key, Job> after = new LinkedHashMap<>();
    jobs.forEach(job -> after.put(key(job), job));
    before.forEach(
        (key, job) -> {
          if (job.state() == JobState.PROCESSING && !after.containsKey(key)) {
            find.apply(job)
                .ifPresentOrElse(
                    found -> after.put(key, found), () -> events.add(new Event(now, "gone", job)));
          }
        });
    after.forEach(
        (key, job) -> {
          String what = what(first, before.get(key), job);
          if (what != null) {
            events.add(
                new Event(job.finishedAt() == null ? job.asOf() : job.finishedAt(), what, job));
          }
        });
    before = after;
    events.sort(Comparator.comparing(Event::at));
    return events;
  }

  /** What happened to a job, or null if nothing did that is worth a line. */
  private @Nullable String what(boolean first, @Nullable Job earlier, Job job) {
    boolean same =
        earlier != null && earlier.state() == job.state() && earlier.token() == job.token();
    return switch (job.state()) {
      case PROCESSING -> same ? null : first ? "runs" : "begins";
      case DONE, FAILED, CANCELLED -> {
        boolean isNews =
            earlier == null
                ? !Objects.requireNonNull(job.finishedAt()).isBefore(began)
                : !earlier.state().isFinished();
        yield isNews ? job.state().name().toLowerCase(Locale.ROOT) : null;
      }
      case RETRY -> earlier == null || same ? null : "retries";
      case PENDING -> earlier == null || earlier.state() == JobState.PENDING ? null : "waits";
    };
  }

  private static Key key(Job job) {
    return new Key(job.queue(), job.id());
  }
}
