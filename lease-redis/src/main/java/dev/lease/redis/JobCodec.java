package dev.lease.redis;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.FailedAttempt;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.OperatorAction.Kind;
import dev.lease.Progress;
import dev.lease.StepValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes jobs as arguments of scripts, and reads them from their answers. */
final class JobCodec {

  /** No text of a job can contain it. */
  static final String SEPARATOR = "\0";

  /** Stands for a time or a number that is not set. */
  private static final int NONE = -1;

  private static final int HELD = 1;
  private static final int EXPIRED = 2;
  private static final int DONE = 3;
  private static final int FAILED = 4;
  private static final int CANCELLED = 5;

  private JobCodec() {}

  /** When a job is due: an instant, or "+" and a delay, in microseconds. */
  static String due(Due due) {
    return due instanceof Due.At at
        ? Long.toString(Micros.of(at.instant()))
        : "+" + Micros.ofDelay(((Due.After) due).delay());
  }

  /** Headers and payload in one text: names and values of the headers in turn, then the payload. */
  static String body(NewJob job) {
    if (job.headers().isEmpty()) {
      return job.payload();
    }
    List<String> parts = new ArrayList<>();
    new TreeMap<>(job.headers())
        .forEach(
            (name, value) -> {
              parts.add(name);
              parts.add(value);
            });
    parts.add(job.payload());
    return String.join(SEPARATOR, parts);
  }

  private record Body(Map<String, String> headers, String payload) {
    /** An empty one if it is lost: such a job is FAILED, and must still be readable. */
    static Body ofAny(@Nullable String text) {
      return of(text == null ? "" : text);
    }

    static Body of(String text) {
      if (text.indexOf(SEPARATOR) < 0) {
        return new Body(Map.of(), text);
      }
      String[] parts = text.split(SEPARATOR, -1);
      Map<String, String> headers = new LinkedHashMap<>();
      for (int i = 0; i + 1 < parts.length; i += 2) {
        headers.put(parts[i], parts[i + 1]);
      }
      return new Body(headers, parts[parts.length - 1]);
    }
  }

  /** A deadline in the form of a due time. */
  static String notAfter(@Nullable Due notAfter) {
    return notAfter == null ? Integer.toString(NONE) : due(notAfter);
  }

  static long delay(@Nullable Duration delay) {
    return delay == null ? NONE : Micros.ofDelay(delay);
  }

  private static @Nullable Instant instant(long micros) {
    return micros == NONE ? null : Micros.instant(micros);
  }

  private static @Nullable Integer most(int number) {
    return number == 0 ? null : number;
  }

  static String progress(Progress progress) {
    return progress.percent() + SEPARATOR + progress.message();
  }

  private static @Nullable Progress progress(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String[] parts = text.split(SEPARATOR, -1);
    return Progress.of(Integer.parseInt(parts[0]), parts[1]);
  }

  static ClaimedJob claimed(
      String queue,
      String owner,
      Instant claimedAt,
      long expiry,
      Reply reply,
      Map<String, String> keys) {
    String id = reply.text();
    long token = reply.number();
    String type = reply.text();
    int attempt = reply.integer();
    int failures = reply.integer();
    int maxCrashes = reply.integer();
    int maxFailures = reply.integer();
    int priority = reply.integer();
    long due = reply.number();
    long notAfter = reply.number();
    Body body = Body.of(reply.text());
    JobLease lease = JobLease.of(queue, id, owner, token, Micros.instant(expiry));
    return ClaimedJob.builder(lease, type, body.payload)
        .attempt(attempt)
        .failures(failures)
        .maxCrashes(maxCrashes)
        .maxFailures(most(maxFailures))
        .priority(priority)
        .dueAt(Micros.instant(due))
        .claimedAt(claimedAt)
        .notAfter(instant(notAfter))
        .headers(body.headers)
        .key(keys.get(id))
        .build();
  }

  /** Reads the keys of jobs that have keys, by their ids. */
  static Map<String, String> keys(Reply reply) {
    Map<String, String> keys = new HashMap<>();
    while (reply.hasMore()) {
      keys.put(reply.text(), reply.text());
    }
    return keys;
  }

  /** Reads jobs that a script finished, in the order of {@code noteFinished} in lib/moves.lua. */
  static List<FinishedJob> finished(String queue, Reply reply) {
    List<FinishedJob> finished = new ArrayList<>();
    while (reply.hasMore()) {
      Reply part = reply.part();
      String id = part.text();
      String type = part.text();
      int code = part.integer();
      int attempts = part.integer();
      int failures = part.integer();
      finished.add(
          FinishedJob.builder(queue, id, type, state(code, attempts))
              .attempts(attempts)
              .failures(failures)
              .error(part.textOrNull())
              .build());
    }
    return finished;
  }

  /** Reads failed attempts, as {@code noteFailure} in lib/moves.lua writes them. */
  static List<FailedAttempt> failedAttempts(String text) {
    String[] parts = text.split(SEPARATOR, -1);
    List<FailedAttempt> attempts = new ArrayList<>();
    for (int i = 0; i + 4 < parts.length; i += 5) {
      long token = Long.parseLong(parts[i + 2]);
      Instant at = Micros.instant(Long.parseLong(parts[i + 3]));
      attempts.add(
          FailedAttempt.builder(Integer.parseInt(parts[i]), parts[i + 1], token, at)
              .claimedAt(Micros.ofToken(token))
              .error(parts[i + 4])
              .build());
    }
    return List.copyOf(attempts);
  }

  /** Reads the record of an act, as lib/actions.lua writes it. */
  static OperatorAction action(String queue, long at, String text) {
    String[] parts = text.split(SEPARATOR, -1);
    Operator operator = Operator.of(parts[0], parts[1]);
    Kind kind = Kind.named(parts[2]);
    return OperatorAction.builder(Micros.instant(at), operator, kind, queue)
        .id(parts[3].isEmpty() ? null : parts[3])
        .what(kind == Kind.CHANGE ? changes(parts[4]) : parts[4])
        .changed(Integer.parseInt(parts[5]))
        .build();
  }

  /** Puts the changes that change.lua notes into words, like {@link JobChange#difference}. */
  private static String changes(String noted) {
    return Arrays.stream(noted.split(","))
        .map(
            change -> {
              int after = change.lastIndexOf(' ');
              int before = change.lastIndexOf(' ', after - 1);
              String name = change.substring(0, before);
              return name
                  + " "
                  + value(name, change.substring(before + 1, after))
                  + " -> "
                  + value(name, change.substring(after + 1));
            })
        .collect(Collectors.joining(", "));
  }

  private static Object value(String name, String number) {
    return switch (name) {
      case "due" -> Micros.instant(Long.parseLong(number));
      case "deadline" -> number.equals("-1") ? "none" : Micros.instant(Long.parseLong(number));
      case "failures" -> number.equals("0") ? "none" : number;
      default -> number;
    };
  }

  /** Reads steps: the name, the value, and when it was kept. */
  static List<StepValue> steps(Reply reply) {
    List<StepValue> steps = new ArrayList<>();
    while (reply.hasMore()) {
      steps.add(StepValue.of(reply.text(), reply.text(), Micros.instant(reply.number())));
    }
    return List.copyOf(steps);
  }

  /** Reads a job, in the order of {@code read} in lib/read.lua. */
  static Job job(String queue, long now, Reply reply) {
    String id = reply.text();
    String type = reply.text();
    Body body = Body.ofAny(reply.textOrNull());
    int priority = reply.integer();
    int maxCrashes = reply.integer();
    int maxFailures = reply.integer();
    long notAfter = reply.number();
    String dedupKey = reply.text();
    long dedupUntil = reply.number();
    long keep = reply.number();
    int code = reply.integer();
    int attempts = reply.integer();
    int failures = reply.integer();
    long token = reply.number();
    String owner = reply.text();
    long expiry = reply.number();
    boolean cancelRequested = reply.number() == 1;
    Progress progress = progress(reply.textOrNull());
    String result = reply.textOrNull();
    String error = reply.textOrNull();
    long created = reply.number();
    long due = reply.number();
    long finished = reply.number();
    String key = reply.text();
    boolean heldBack = reply.number() == 1;
    String[] ofGraph = reply.text().split(SEPARATOR, -1);
    boolean isMember = ofGraph.length > 1;
    JobState state = state(code, attempts);
    Instant asOf = Micros.instant(now);
    return Job.builder(queue, id, type, body.payload)
        .priority(priority)
        .maxCrashes(maxCrashes)
        .maxFailures(most(maxFailures))
        .notAfter(instant(notAfter))
        .dedupKey(dedupKey.isEmpty() ? null : dedupKey)
        .dedupUntil(instant(dedupUntil))
        .key(key.isEmpty() ? null : key)
        .heldBack(heldBack)
        .graph(isMember ? ofGraph[0] : null, isMember ? ofGraph[1] : null)
        .waitsForParts(isMember && ofGraph[2].equals("1"))
        .headers(body.headers)
        .keep(keep == NONE ? null : Micros.duration(keep))
        .state(state)
        .attempts(attempts)
        .failures(failures)
        .claimedAt(Micros.ofToken(token))
        .token(token)
        .lease(
            state == JobState.PROCESSING
                ? JobLease.of(queue, id, owner, token, Micros.instant(expiry))
                : null)
        .cancelRequested(cancelRequested)
        .progress(progress)
        .result(result)
        .error(error)
        .createdAt(Micros.instant(created))
        .dueAt(Micros.instant(due))
        .finishedAt(state.isFinished() ? Micros.instant(finished) : null)
        .asOf(asOf)
        .build();
  }

  private static JobState state(int code, int attempts) {
    return switch (code) {
      case HELD, EXPIRED -> JobState.PROCESSING;
      case DONE -> JobState.DONE;
      case FAILED -> JobState.FAILED;
      case CANCELLED -> JobState.CANCELLED;
      default -> attempts == 0 ? JobState.PENDING : JobState.RETRY;
    };
  }
}
