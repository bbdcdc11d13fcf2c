package dev.lease.console.live;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The failures of the last hour, in groups.
 *
 * @param groups the groups with the most jobs first
 * @param others how many jobs are in groups that are left out
 * @param read how many failed jobs were read
 * @param more whether there are more of this hour, which were not read
 */
public record Failures(List<FailureGroup> groups, long others, int read, boolean more) {

  private static final Duration AGE = Duration.ofHours(1);
  private static final int MOST_READ = 5_000;
  private static final int MOST_GROUPS = 20;

  private record Cause(String queue, String type, String line) {}

  private record Count(long jobs, Instant last) {
    Count plus(Count other) {
      return new Count(jobs + other.jobs, last.isAfter(other.last) ? last : other.last);
    }
  }

  /**
   * Reads the newest 5,000 failures of the last hour.
   *
   * @param admin the store
   * @param now the store's clock
   * @param redactor takes secrets out of errors
   * @return the failures
   */
  public static Failures read(JobAdmin admin, Instant now, UnaryOperator<String> redactor) {
    Instant from = now.minus(AGE);
    JobQuery query =
        JobQuery.of(JobFilter.all().inState(JobState.FAILED).finishedBetween(from, null))
            .order(JobOrder.LAST_FINISHED_FIRST)
            .limit(Limits.MAX_BATCH)
            .brief();
    Map<Cause, Count> counts = new HashMap<>();
    int read = 0;
    int examined = 0;
    @Nullable String next = null;
    do {
      JobPage page = admin.list(query.after(next).examineAtMost(MOST_READ - examined));
      for (Job job : page.jobs()) {
        Instant at = job.finishedAt() == null ? now : job.finishedAt();
        // What begins in the line may end beyond it: redact the whole.
        String line = line(job.error() == null ? "" : redactor.apply(job.error()));
        counts.merge(new Cause(job.queue(), job.type(), line), new Count(1, at), Count::plus);
      }
      read += page.jobs().size();
      examined += page.examined();
      next = page.next();
    } while (next != null && examined < MOST_READ);
    List<FailureGroup> groups =
        counts.entrySet().stream()
            .map(each -> group(each.getKey(), each.getValue(), from))
            .sorted(
                Comparator.comparingLong(FailureGroup::jobs)
                    .thenComparing(FailureGroup::last)
                    .reversed())
            .toList();
    List<FailureGroup> shown = groups.stream().limit(MOST_GROUPS).toList();
    long others = groups.stream().skip(MOST_GROUPS).mapToLong(FailureGroup::jobs).sum();
    return new Failures(shown, others, read, next != null);
  }

  private static FailureGroup group(Cause cause, Count count, Instant from) {
    JobFilter filter =
        JobFilter.all()
            .inQueue(cause.queue())
            .ofType(cause.type())
            .inState(JobState.FAILED)
            .finishedBetween(from, null);
    return new FailureGroup(
        cause.queue(),
        cause.type(),
        cause.line(),
        count.jobs(),
        count.last(),
        cause.line().isBlank() ? filter : filter.withErrorText(cause.line()));
  }

  /** As much of the first line as a filter takes. */
  private static String line(String error) {
    String line = error.lines().filter(each -> !each.isBlank()).findFirst().orElse("");
    int end = 0;
    int bytes = 0;
    while (end < line.length()) {
      String character = line.substring(end, line.offsetByCodePoints(end, 1));
      bytes += character.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > Limits.MAX_NAME_BYTES) {
        break;
      }
      end += character.length();
    }
    return line.substring(0, end);
  }
}
