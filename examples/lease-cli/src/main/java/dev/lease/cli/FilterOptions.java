package dev.lease.cli;

import dev.lease.JobFilter;
import dev.lease.JobState;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which jobs. All conditions have to hold. */
final class FilterOptions extends QueueOption {

  @Option(names = "--type", paramLabel = "TYPE", description = "only of this type")
  private @Nullable String type;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      split = ",",
      description = "only in one of these states: ${COMPLETION-CANDIDATES}")
  private Set<JobState> states = EnumSet.noneOf(JobState.class);

  @Option(names = "--key", paramLabel = "KEY", description = "only with this key")
  private @Nullable String key;

  @Option(
      names = "--id-prefix",
      paramLabel = "TEXT",
      description = "only with an id that begins so")
  private @Nullable String idPrefix;

  @Option(
      names = "--error",
      paramLabel = "TEXT",
      description = "only with an error that contains this; case counts")
  private @Nullable String error;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "only enqueued since then: 2h, or 2026-11-27T03:00:00Z")
  private @Nullable Moment since;

  @Option(names = "--until", paramLabel = "TIME", description = "only enqueued before then")
  private @Nullable Moment until;

  @Option(
      names = "--finished-since",
      paramLabel = "TIME",
      description = "only done, failed or cancelled since then")
  private @Nullable Moment finishedSince;

  @Option(
      names = "--finished-until",
      paramLabel = "TIME",
      description = "only done, failed or cancelled before then")
  private @Nullable Moment finishedUntil;

  Set<JobState> states() {
    return states;
  }

  boolean hasType() {
    return type != null;
  }

  /** Whether there is no condition; the queue counts. */
  boolean isEmpty() {
    return queue() == null && hasOnlyQueue();
  }

  /** Whether there is no condition but the queue. */
  boolean hasOnlyQueue() {
    return states.isEmpty()
        && Stream.of(type, key, idPrefix, error, since, until, finishedSince, finishedUntil)
            .allMatch(Objects::isNull);
  }

  /**
   * The filter of the options.
   *
   * @param inState the states, if the options name none; empty for any
   */
  JobFilter filter(OpenStore store, Set<JobState> inState) {
    JobFilter filter = JobFilter.all();
    if (queue() != null) {
      filter = filter.inQueue(queue());
    }
    if (type != null) {
      filter = filter.ofType(type);
    }
    if (key != null) {
      filter = filter.withKey(key);
    }
    if (idPrefix != null) {
      filter = filter.withIdPrefix(idPrefix);
    }
    if (error != null) {
      filter = filter.withErrorText(error);
    }
    Set<JobState> any = states.isEmpty() ? inState : states;
    if (!any.isEmpty()) {
      filter = filter.inState(any.toArray(JobState[]::new));
    }
    return filter
        .createdBetween(instant(since, store), instant(until, store))
        .finishedBetween(instant(finishedSince, store), instant(finishedUntil, store));
  }

  private static @Nullable Instant instant(@Nullable Moment moment, OpenStore store) {
    return moment == null ? null : moment.before(store::now);
  }
}
