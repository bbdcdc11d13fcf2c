package dev.lease.worker;

import dev.lease.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a worker, in whichever process, last said of itself [W33]. Read it with {@link
 * WorkerReports}. A worker over a store with notes reports itself every 10 seconds, unless {@link
 * WorkerConfig.Builder#report} is off. A worker that has stopped is gone at once, and one that died
 * within 30 seconds. Immutable.
 *
 * <p>A worker of another version of Lease may say more or less. What it does not say is null, empty
 * or 0 here, and what this version does not know is left out.
 */
public final class WorkerReport {

  /** How the names of the leases begin under which workers report themselves. */
  static final String PREFIX = "lease.worker/";

  /** How long a report lasts. */
  static final Duration LASTS = Duration.ofSeconds(30);

  private final Lease lease;
  private final Optional<ReportNote> note;

  WorkerReport(Lease lease) {
    this.lease = lease;
    this.note = ReportNote.read(lease.note());
  }

  /**
   * {@return the name of the worker, which is the owner of its leases} Two workers may have the
   * same.
   */
  public String worker() {
    return lease.owner();
  }

  /** {@return when the worker said this, by the store's clock} */
  public Instant reportedAt() {
    return lease.expiresAt().minus(LASTS);
  }

  /**
   * {@return how long ago the worker said this, by the store's clock} A worker that is well has
   * said it within 10 seconds.
   */
  public Duration age() {
    return Duration.between(reportedAt(), lease.asOf());
  }

  /** {@return the name of the machine; null if the worker does not say it} */
  public @Nullable String host() {
    return note.map(ReportNote::host).orElse(null);
  }

  /** {@return the number of the process on its machine; 0 if the worker does not say it} */
  public long pid() {
    return note.map(ReportNote::pid).orElse(0L);
  }

  /** {@return the version of Lease; null if the worker does not know it} */
  public @Nullable String version() {
    return note.map(ReportNote::version).orElse(null);
  }

  /** {@return when the worker started, by its own clock; null if it does not say it} */
  public @Nullable Instant startedAt() {
    return note.map(ReportNote::startedAt).map(Instant::ofEpochMilli).orElse(null);
  }

  /**
   * {@return whether the worker does its work, as {@link Worker#health} said; null if it does not
   * say it in a word that this version knows}
   */
  public WorkerHealth.@Nullable Status status() {
    String status = note.map(ReportNote::status).orElse(null);
    return Arrays.stream(WorkerHealth.Status.values())
        .filter(known -> known.name().equals(status))
        .findFirst()
        .orElse(null);
  }

  /**
   * {@return what is wrong, in sentences, the first 5 reasons cut at 200 characters} Empty if the
   * status is UP. Unmodifiable.
   */
  public List<String> reasons() {
    return note.map(ReportNote::reasons).map(WorkerReport::known).orElse(List.of());
  }

  /** {@return how many handlers the worker runs at once, at most} */
  public int slots() {
    return note.map(ReportNote::slots).orElse(0);
  }

  /** {@return how many queues the worker takes jobs from, also those that it does not report} */
  public int allQueues() {
    return note.map(ReportNote::allQueues).orElse(0);
  }

  /** {@return how many handlers run now, of all queues, with those that are stuck} */
  public int active() {
    return note.map(ReportNote::active).orElse(0);
  }

  /** {@return how many jobs the worker has claimed ahead, of all queues} */
  public int waiting() {
    return note.map(ReportNote::waiting).orElse(0);
  }

  /** {@return how many handlers ignore their interrupt, of all queues [W13]} */
  public int stuck() {
    return note.map(ReportNote::stuck).orElse(0);
  }

  /**
   * {@return the first 20 queues of the worker, in the order in which it was given them}
   * Unmodifiable.
   */
  public List<Queue> queues() {
    long minute = note.map(ReportNote::minute).orElse(0L);
    return note.map(ReportNote::queues).map(WorkerReport::known).orElse(List.of()).stream()
        .map(queue -> new Queue(queue, minute))
        .toList();
  }

  /**
   * {@return the first 5 jobs whose handlers are stuck, each with the place where it hangs} They
   * are fewer than {@link #stuck} if more are stuck, or if the report would be larger than 8,000
   * bytes. Unmodifiable.
   */
  public List<StuckJob> stuckJobs() {
    return note.map(ReportNote::stuckJobs).map(WorkerReport::known).orElse(List.of()).stream()
        .map(StuckJob::new)
        .toList();
  }

  /** The elements that are there, of a list that may have been written in another way. */
  private static <T> List<T> known(List<? extends @Nullable T> list) {
    return list.stream().<T>flatMap(Stream::ofNullable).toList();
  }

  private static int number(@Nullable Integer number) {
    return Objects.requireNonNullElse(number, 0);
  }

  /** For log messages. */
  @Override
  public String toString() {
    return "WorkerReport[worker="
        + worker()
        + ", host="
        + host()
        + ", status="
        + status()
        + ", age="
        + age()
        + "]";
  }

  /** A queue of a worker. Immutable. */
  public static final class Queue {

    private final ReportNote.Queue note;
    private final List<Minute> minutes;

    private Queue(ReportNote.Queue note, long newest) {
      List<Minute> read = new ArrayList<>();
      for (List<Long> minute :
          note.minutes() == null ? List.<List<Long>>of() : known(note.minutes())) {
        read.add(new Minute(newest - read.size(), known(minute)));
      }
      this.note = note;
      this.minutes = List.copyOf(read);
    }

    /** {@return its name} */
    public String name() {
      return Objects.requireNonNullElse(note.name(), "");
    }

    /** {@return how many of its jobs the worker runs at once, at most} */
    public int slots() {
      return number(note.slots());
    }

    /** {@return how many of its jobs the worker runs now, with those that are stuck} */
    public int active() {
      return number(note.active());
    }

    /** {@return how many of its jobs the worker has claimed ahead} */
    public int waiting() {
      return number(note.waiting());
    }

    /** {@return how many handlers ignore their interrupt [W13]} */
    public int stuck() {
      return number(note.stuck());
    }

    /**
     * {@return how long before the report the store last answered a claim; null if it has not
     * answered one yet}
     */
    public @Nullable Duration sinceLastClaim() {
      return note.claimed() == null ? null : Duration.ofMillis(note.claimed());
    }

    /**
     * {@return the last minutes, up to 60, the newest first, which is not over yet} They are fewer
     * if nothing happened before, or if the report would be larger than 8,000 bytes. Unmodifiable.
     */
    public List<Minute> minutes() {
      return minutes;
    }

    /** For log messages. */
    @Override
    public String toString() {
      return "Queue[name="
          + name()
          + ", slots="
          + slots()
          + ", active="
          + active()
          + ", waiting="
          + waiting()
          + ", stuck="
          + stuck()
          + ", sinceLastClaim="
          + sinceLastClaim()
          + "]";
    }
  }

  /** A job whose handler ignores its interrupt [W13]. Immutable. */
  public static final class StuckJob {

    private final ReportNote.Stuck note;

    private StuckJob(ReportNote.Stuck note) {
      this.note = note;
    }

    /** {@return its queue} */
    public String queue() {
      return Objects.requireNonNullElse(note.queue(), "");
    }

    /** {@return its id} */
    public String jobId() {
      return Objects.requireNonNullElse(note.id(), "");
    }

    /** {@return the name of its type} */
    public String type() {
      return Objects.requireNonNullElse(note.type(), "");
    }

    /** {@return when the handler was called, by the worker's clock; null if it does not say it} */
    public @Nullable Instant since() {
      return note.since() == null ? null : Instant.ofEpochMilli(note.since());
    }

    /**
     * {@return where the handler hung when it was found stuck: its thread and the top of the stack,
     * in lines, cut at 600 characters}
     */
    public String place() {
      return Objects.requireNonNullElse(note.place(), "");
    }

    /** For log messages. */
    @Override
    public String toString() {
      return "StuckJob[queue=" + queue() + ", jobId=" + jobId() + ", type=" + type() + "]";
    }
  }

  /** What became of the jobs of a queue on a worker, in one minute. Immutable. */
  public static final class Minute {

    private final long minute;
    private final List<Long> numbers;

    private Minute(long minute, List<Long> numbers) {
      this.minute = minute;
      this.numbers = numbers;
    }

    /** {@return when the minute began, by the worker's clock} */
    public Instant start() {
      return Instant.ofEpochSecond(TimeUnit.MINUTES.toSeconds(minute));
    }

    /** {@return how many jobs were done} */
    public long done() {
      return at(0);
    }

    /** {@return how many jobs became FAILED} */
    public long failed() {
      return at(1);
    }

    /** {@return how many attempts failed and are tried again} */
    public long retried() {
      return at(2);
    }

    /** {@return how many jobs became CANCELLED, for example because their deadline had passed} */
    public long cancelled() {
      return at(3);
    }

    /**
     * {@return how long the last 15 jobs that were claimed had waited since they were due, the
     * median of it; null if none was claimed}
     */
    public @Nullable Duration medianWait() {
      return numbers.size() > 4 ? Duration.ofMillis(numbers.get(4)) : null;
    }

    private long at(int index) {
      return index < numbers.size() ? numbers.get(index) : 0;
    }

    /** For log messages. */
    @Override
    public String toString() {
      return "Minute[start="
          + start()
          + ", done="
          + done()
          + ", failed="
          + failed()
          + ", retried="
          + retried()
          + ", cancelled="
          + cancelled()
          + ", medianWait="
          + medianWait()
          + "]";
    }
  }
}
