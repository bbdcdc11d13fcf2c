package dev.lease.testkit;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobFilter.Condition;
import dev.lease.JobState;
import dev.lease.Limits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes filters by a rule: each condition alone, in pairs, and all together. The values are taken
 * from the jobs that are there, so that most filters match some of them and not others: the whole
 * text and a part, the instant itself and a unit beside it.
 */
final class FilterRule {

  private static final List<JobState> STATES = List.of(JobState.values());

  private static final List<Condition> KINDS =
      List.of(
          Condition.QUEUE,
          Condition.STATE,
          Condition.TYPE,
          Condition.ID_PREFIX,
          Condition.ERROR_TEXT,
          Condition.CREATED,
          Condition.FINISHED);

  /** Those whose values no other test's jobs have. */
  private static final Set<Condition> OWN =
      EnumSet.of(Condition.QUEUE, Condition.TYPE, Condition.ID_PREFIX, Condition.ERROR_TEXT);

  private final Random random;
  private final String mark;
  private final List<Duration> beside;

  /**
   * Makes the rule.
   *
   * @param random chooses jobs and values
   * @param mark a text that each queue, type, id and error has, and no job of another test
   * @param unit the unit of the store's clock
   */
  FilterRule(Random random, String mark, Duration unit) {
    this.random = random;
    this.mark = mark;
    this.beside =
        List.of(
            Duration.ZERO,
            Duration.ZERO,
            unit,
            unit.negated(),
            Duration.ofNanos(1_000),
            Duration.ofNanos(-1_000),
            Duration.ofNanos(1),
            Duration.ofNanos(-1));
  }

  /** Each condition alone, each two of them, and all, which are asked for more often. */
  static List<Set<Condition>> combinations() {
    List<Set<Condition>> all = new ArrayList<>();
    for (Condition first : KINDS) {
      for (Condition second : KINDS.subList(KINDS.indexOf(first), KINDS.size())) {
        all.add(EnumSet.of(first, second));
      }
    }
    all.addAll(Collections.nCopies(KINDS.size(), EnumSet.copyOf(KINDS)));
    return all;
  }

  /**
   * Makes a filter with these conditions. It also has one that only jobs of this test fulfil, so
   * that a delete spares the jobs of others. Mostly that is a queue, since a store may have to walk
   * over the jobs of all tests if there is none.
   *
   * @param meant the jobs of which one should match, if it can
   * @param jobs all jobs that are there
   */
  JobFilter filter(Set<Condition> conditions, List<Job> meant, List<Job> jobs) {
    EnumSet<Condition> all = EnumSet.copyOf(conditions);
    if (OWN.stream().noneMatch(all::contains) || random.nextInt(4) != 0) {
      all.add(Condition.QUEUE);
    }
    List<Job> fitting =
        meant.stream()
            .filter(job -> !all.contains(Condition.ERROR_TEXT) || job.error() != null)
            .filter(job -> !all.contains(Condition.FINISHED) || job.finishedAt() != null)
            .toList();
    Job matched = any(fitting.isEmpty() ? jobs : fitting);
    // A store that forgets this condition takes a job that the others match, and this one may not.
    int odd = random.nextInt(2 * all.size());
    JobFilter filter = JobFilter.all();
    for (Condition each : all) {
      filter = with(filter, each, odd-- == 0 ? any(jobs) : matched, jobs);
    }
    return all.size() == KINDS.size() && random.nextBoolean() ? loose(filter, matched) : filter;
  }

  /** Where all conditions meet, no job matches all but one, unless the others let many through. */
  private JobFilter loose(JobFilter filter, Job matched) {
    return filter
        .withIdPrefix(mark)
        .withErrorText(mark)
        .createdBetween(null, matched.createdAt().plusSeconds(60))
        .finishedBetween(matched.createdAt(), null);
  }

  private JobFilter with(JobFilter filter, Condition kind, Job job, List<Job> jobs) {
    return switch (kind) {
      case QUEUE -> filter.inQueue(job.queue());
      case STATE -> filter.inState(states(job));
      case TYPE -> filter.ofType(job.type());
      case ID_PREFIX -> filter.withIdPrefix(part(job.id(), 0));
      case ERROR_TEXT -> filter.withErrorText(errorText(job.error()));
      case CREATED -> {
        Instant other = any(jobs).createdAt();
        yield filter.createdBetween(from(job.createdAt()), before(job.createdAt(), other));
      }
      case FINISHED -> {
        Instant end = job.finishedAt() == null ? job.createdAt() : job.finishedAt();
        Instant other = any(jobs).finishedAt();
        yield filter.finishedBetween(from(end), before(end, other == null ? end : other));
      }
      default -> throw new IllegalArgumentException("no rule for " + kind);
    };
  }

  /** One to three states, that of the job among them. */
  private JobState[] states(Job job) {
    Set<JobState> states = EnumSet.of(job.state());
    for (int more = random.nextInt(3); more > 0; more--) {
      states.add(STATES.get(random.nextInt(STATES.size())));
    }
    return states.toArray(JobState[]::new);
  }

  private String errorText(@Nullable String error) {
    if (error == null) {
      return mark;
    }
    return part(error, Math.max(0, error.indexOf(mark) - random.nextInt(20)));
  }

  /** A part of a text that has the whole mark and is no longer than a name. */
  private String part(String text, int start) {
    int from = splitsPair(text, start) ? start + 1 : start;
    int shortest = text.indexOf(mark) + mark.length();
    int longest = shortest;
    while (longest < text.length()
        && bytes(text.substring(from, longest + 1)) <= Limits.MAX_NAME_BYTES) {
      longest++;
    }
    // The whole is the dearest, and a step before it the likeliest to be cut in a wrong place.
    int end =
        switch (random.nextInt(3)) {
          case 0 -> longest;
          case 1 -> Math.max(shortest, longest - 1);
          default -> shortest + random.nextInt(longest - shortest + 1);
        };
    return text.substring(from, splitsPair(text, end) ? end - 1 : end);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static boolean splitsPair(String text, int index) {
    return index > 0
        && index < text.length()
        && Character.isLowSurrogate(text.charAt(index))
        && Character.isHighSurrogate(text.charAt(index - 1));
  }

  private @Nullable Instant from(Instant instant) {
    return random.nextInt(3) == 0 ? null : beside(instant);
  }

  private @Nullable Instant before(Instant instant, Instant other) {
    return switch (random.nextInt(3)) {
      case 0 -> null;
      case 1 -> beside(instant);
      default -> beside(other);
    };
  }

  private Instant beside(Instant instant) {
    return instant.plus(beside.get(random.nextInt(beside.size())));
  }

  private Job any(List<Job> jobs) {
    return jobs.get(random.nextInt(jobs.size()));
  }
}
