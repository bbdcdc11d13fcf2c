package dev.lease.console;

import dev.lease.JobFilter;
import dev.lease.JobState;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the filter of a form or a link. */
final class Filters {

  private Filters() {}

  /**
   * The filter that a request names. Without a state it is that of the failed jobs: a list of all
   * jobs of all queues is the dearest that there is.
   *
   * @throws IllegalArgumentException if a field breaks a rule
   */
  static JobFilter of(Visit visit, Supplier<Instant> now) {
    return withError(withoutError(visit, now), visit);
  }

  /** The filter with the text that a request looks for in errors. */
  static JobFilter withError(JobFilter filter, Visit visit) {
    return visit.param("error") == null ? filter : filter.withErrorText(visit.name("error"));
  }

  static JobFilter withoutError(Visit visit, Supplier<Instant> clock) {
    Supplier<Instant> now = once(clock);
    JobFilter filter = JobFilter.all();
    String queue = visit.param("queue");
    if (queue != null) {
      filter = filter.inQueue(visit.name("queue"));
    }
    String state = visit.param("state");
    if (state == null) {
      state = JobState.FAILED.name();
    }
    if (!state.equals("any")) {
      filter = filter.inState(state(state));
    }
    if (visit.param("type") != null) {
      filter = filter.ofType(visit.name("type"));
    }
    if (visit.param("key") != null) {
      filter = filter.withKey(visit.name("key"));
    }
    if (visit.param("id") != null) {
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
  private static Supplier<Instant> once(Supplier<Instant> clock) {
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
