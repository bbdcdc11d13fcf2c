package dev.lease.worker;

import dev.lease.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What became of the jobs of some queues on this worker, minute by minute, for an hour. The minutes
 * are those of the local wall clock. Safe for use by many threads.
 */
final class Rates {

  /** How many minutes are kept. */
  static final int MINUTES = 60;

  /** Counts nothing. */
  static final Rates NONE = new Rates(() -> 0);

  private final Map<String, Hour> hours = new ConcurrentHashMap<>();
  private final LongSupplier millis;

  /**
   * @param millis the wall clock
   */
  Rates(LongSupplier millis) {
    this.millis = millis;
  }

  /** From now on counts the jobs of these queues, and forgets those of others. */
  void count(Collection<String> queues) {
    hours.keySet().retainAll(queues);
    queues.forEach(queue -> hours.computeIfAbsent(queue, it -> new Hour()));
  }

  /** Notes how long a job had waited when it was claimed. */
  void claimed(String queue, Duration waited) {
    Hour hour = hours.get(queue);
    if (hour != null) {
      hour.claimed(minute(), waited.toMillis());
    }
  }

  /** Counts an attempt by what the job is after it. */
  void ended(String queue, JobState state) {
    Hour hour = hours.get(queue);
    if (hour != null) {
      hour.ended(minute(), state);
    }
  }

  /** The minute of the wall clock, since 1970. */
  long minute() {
    return TimeUnit.MILLISECONDS.toMinutes(millis.getAsLong());
  }

  /**
   * The minutes of a queue from this one back to the first in which anything happened. Of a minute
   * there are the jobs that were done, failed, retried and cancelled, and the median time in
   * milliseconds that the last claimed ones had waited, if any were; nothing if nothing happened.
   */
  List<List<Long>> minutes(String queue, long minute) {
    Hour hour = hours.get(queue);
    return hour == null ? List.of() : hour.minutes(minute);
  }

  private static final class Minute {
    private final RunningMedian waits = new RunningMedian();
    private long done;
    private long failed;
    private long retried;
    private long cancelled;

    List<Long> numbers() {
      List<Long> numbers = new ArrayList<>(List.of(done, failed, retried, cancelled));
      long wait = waits.orElse(-1);
      if (wait >= 0) {
        numbers.add(wait);
      }
      return numbers;
    }
  }

  private static final class Hour {
    private final @Nullable Minute[] minutes = new @Nullable Minute[MINUTES];
    private long newest;

    synchronized void claimed(long minute, long waited) {
      at(minute).waits.add(waited);
    }

    synchronized void ended(long minute, JobState state) {
      switch (state) {
        case DONE -> at(minute).done++;
        case FAILED -> at(minute).failed++;
        case RETRY -> at(minute).retried++;
        case CANCELLED -> at(minute).cancelled++;
        default -> {}
      }
    }

    private Minute at(long minute) {
      forgetBefore(minute);
      int place = place(newest);
      Minute at = minutes[place];
      if (at == null) {
        at = new Minute();
        minutes[place] = at;
      }
      return at;
    }

    /** Where the clock was set back, the newest minute goes on. */
    private void forgetBefore(long minute) {
      for (long next = Math.max(newest + 1, minute - MINUTES + 1); next <= minute; next++) {
        minutes[place(next)] = null;
      }
      newest = Math.max(newest, minute);
    }

    private static int place(long minute) {
      return (int) (minute % MINUTES);
    }

    synchronized List<List<Long>> minutes(long now) {
      forgetBefore(now);
      List<List<Long>> numbers = new ArrayList<>();
      int used = 0;
      for (int back = 0; back < MINUTES; back++) {
        Minute minute = minutes[place(now - back)];
        numbers.add(minute == null ? List.of() : minute.numbers());
        used = minute == null ? used : back + 1;
      }
      return List.copyOf(numbers.subList(0, used));
    }
  }
}
