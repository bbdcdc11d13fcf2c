package dev.lease.console;

import dev.lease.JobFilter;
import dev.lease.JobState;
import dev.lease.console.pages.Sieve;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the filter of a form or a link. */
final class Filters {

  /** Conditions that a list of jobs may have, and an act on many. */
  static final String FIELDS =
      "queue id state type key error since until finishedSince finishedUntil worker dueSince"
          + " dueUntil payload";

  /** Of these, the conditions that no store finds jobs by. */
  private static final List<String> SIEVED = List.of("worker", "dueSince", "dueUntil", "payload");

  private Filters() {}

  /**
   * The filter that a request names, for acts. Without a state it is that of the failed jobs: a
   * list of all jobs of all queues is the dearest that there is.
   *
   * @throws IllegalArgumentException if a field breaks a rule
   * @throws Refusal if there is a condition that no store knows: without it more would be changed
   */
  static JobFilter of(Visit visit, Supplier<Instant> now) {
    if (SIEVED.stream().anyMatch(name -> visit.exact(name) != null)) {
      throw new Refusal(
          409,
          "No store finds jobs by worker, due time or payload: none are changed by these."
              + " Nothing was done.");
    }
    return withError(withoutError(visit, once(now)), visit);
  }

  /**
   * The conditions that the console looks for by itself.
   *
   * @param errors whether the text of an error is among them
   * @throws IllegalArgumentException if a field breaks a rule
   */
  static Sieve sieve(Visit visit, Supplier<Instant> now, boolean errors) {
    return new Sieve(
        visit.exact("worker") == null ? null : visit.name("worker"),
        time(visit.param("dueSince"), now),
        time(visit.param("dueUntil"), now),
        visit.exact("payload") == null ? null : visit.name("payload"),
        errors && visit.exact("error") != null ? visit.name("error") : null);
  }

  /** The filter with the text that a request looks for in errors. */
  static JobFilter withError(JobFilter filter, Visit visit) {
    return visit.exact("error") == null ? filter : filter.withErrorText(visit.name("error"));
  }

  static JobFilter withoutError(Visit visit, Supplier<Instant> now) {
    JobFilter filter = JobFilter.all();
    String queue = visit.exact("queue");
    if (queue != null) {
      filter = filter.inQueue(visit.name("queue"));
    }
    String state = visit.param("state");
    if (state == null) {
      state = JobState.FAILED.name();
    }
    if (visit.exact("worker") != null && (state.equals("any") || visit.param("state") == null)) {
      // A worker holds nothing else.
      state = JobState.PROCESSING.name();
    }
    if (!state.equals("any")) {
      filter = filter.inState(state(state));
    }
    if (visit.exact("type") != null) {
      filter = filter.ofType(visit.name("type"));
    }
    if (visit.exact("key") != null) {
      filter = filter.withKey(visit.name("key"));
    }
    if (visit.exact("id") != null) {
      filter = filter.withIdPrefix(visit.name("id"));
    }
    return filter
        .createdBetween(time(visit.param("since"), now), time(visit.param("until"), now))
        .finishedBetween(
            time(visit.param("finishedSince"), now), time(visit.param("finishedUntil"), now));
  }

  private static JobState state(String name) {
    try {
      return JobState.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("there is no state of this name", e);
    }
  }

  /** All times of a filter are as far from one reading of the clock. */
  static Supplier<Instant> once(Supplier<Instant> clock) {
    return new Supplier<>() {
      private @Nullable Instant read;

      @Override
      public Instant get() {
        Instant at = read == null ? clock.get() : read;
        read = at;
        return at;
      }
    };
  }

  private static @Nullable Instant time(@Nullable String text, Supplier<Instant> now) {
    return text == null ? null : Times.instant(text, now);
  }
}
