package dev.lease.console.pages;

import dev.lease.GraphPart;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.Limits;
import dev.lease.OnFailure;
import dev.lease.examples.shared.Texts;
import dev.lease.worker.WorkerReport;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Times, names and texts as the pages show them. The store's clock decides all ages. */
public final class Words {

  private static final int ERROR_CHARS = 200;
  private static final int MOST_PARENTS = 20;

  /** So many rows a table has that has no next page. */
  public static final int MOST_ROWS = 200;

  private Words() {}

  /**
   * What a table has of a list.
   *
   * @param all the list
   * @param <T> what is in it
   * @return the first {@value #MOST_ROWS}
   */
  public static <T> List<T> first(List<T> all) {
    return all.subList(0, Math.min(MOST_ROWS, all.size()));
  }

  /**
   * A name in one line, whatever characters are in it.
   *
   * @param name the name
   * @return the name, visible
   */
  public static String name(@Nullable String name) {
    return name == null ? "" : Limits.oneLine(name);
  }

  /**
   * A text of many lines.
   *
   * @param text the text
   * @return its lines, each visible
   */
  public static String text(@Nullable String text) {
    return text == null ? "" : String.join("\n", Texts.lines(text));
  }

  /**
   * An error in a list.
   *
   * @param error the error
   * @return the beginning of its first line
   */
  public static String error(@Nullable String error) {
    return error == null ? "" : name(Texts.error(error, ERROR_CHARS));
  }

  /**
   * A time.
   *
   * @param at the time
   * @return the time in UTC, to the second
   */
  public static String time(@Nullable Instant at) {
    return at == null
        ? ""
        : at.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC");
  }

  /**
   * A time as far from another.
   *
   * @param at the time
   * @param asOf the other, which is now
   * @return such as "5 min 3 s ago" or "in 2 h"
   */
  public static String ago(Instant at, Instant asOf) {
    Duration past = Duration.between(at, asOf);
    return past.isNegative() ? "in " + Limits.shown(past.negated()) : Limits.shown(past) + " ago";
  }

  /**
   * A time that lasts.
   *
   * @param time the time
   * @return such as "5 min 3 s"; empty if there is none
   */
  public static String lasts(@Nullable Duration time) {
    return time == null ? "" : Limits.shown(time.isNegative() ? Duration.ZERO : time);
  }

  /**
   * A number of jobs.
   *
   * @param jobs the number
   * @return such as "1 job" or "7 jobs"
   */
  public static String jobs(long jobs) {
    return jobs + (jobs == 1 ? " job" : " jobs");
  }

  /**
   * When a worker last asked for jobs, of any queue.
   *
   * @param worker the worker
   * @return such as "3 s ago"
   */
  public static String lastClaim(WorkerReport worker) {
    return worker.queues().stream()
        .map(WorkerReport.Queue::sinceLastClaim)
        .filter(Objects::nonNull)
        .min(Comparator.<Duration>naturalOrder())
        .map(since -> lasts(since.plus(worker.age())) + " ago")
        .orElse("");
  }

  /**
   * What a part of a graph waits for.
   *
   * @param part the part
   * @return the names of the parts before it, {@value #MOST_PARENTS} at most
   */
  public static String waitsFor(GraphPart part) {
    StringJoiner words = new StringJoiner(", ");
    part.after().entrySet().stream()
        .limit(MOST_PARENTS)
        .map(each -> name(each.getKey()) + onFailure(each.getValue()))
        .forEach(words::add);
    int others = part.after().size() - MOST_PARENTS;
    return others > 0 ? words + " and " + others + " others" : words.toString();
  }

  private static String onFailure(OnFailure how) {
    return switch (how) {
      case CANCEL -> "";
      case RUN -> " (runs if it fails)";
      case IGNORE -> " (ignores its failures)";
    };
  }

  /**
   * Where a worker runs.
   *
   * @param worker the worker
   * @return its machine and process
   */
  public static String place(WorkerReport worker) {
    return name(worker.host()) + ", process " + worker.pid();
  }

  /**
   * The limit of a key.
   *
   * @param limit the limit
   * @return the limit in words
   */
  public static String limit(@Nullable KeyLimit limit) {
    if (limit == null) {
      return "that of the queue";
    }
    KeyLimit.Rate rate = limit.rate();
    return limit.slots()
        + (limit.slots() == 1 ? " slot" : " slots")
        + (limit.isInOrder() ? ", in order" : "")
        + (rate == null ? "" : ", " + rate.starts() + " starts in " + lasts(rate.period()));
  }

  /**
   * What is up with a job.
   *
   * @param job the job
   * @return when it is due, who holds it, or when it finished
   */
  public static String situation(Job job) {
    Instant finishedAt = job.finishedAt();
    JobLease lease = job.lease();
    if (finishedAt != null) {
      return "finished " + ago(finishedAt, job.asOf());
    }
    if (lease != null) {
      return lease.expiresAt().isAfter(job.asOf())
          ? "held by " + name(lease.owner())
          : "lease of " + name(lease.owner()) + " expired";
    }
    if (job.waitsForParts()) {
      return "waits for other parts";
    }
    if (job.state() == JobState.PROCESSING) {
      return "held";
    }
    return (job.heldBack() ? "held back, due " : "due ") + ago(job.dueAt(), job.asOf());
  }
}
