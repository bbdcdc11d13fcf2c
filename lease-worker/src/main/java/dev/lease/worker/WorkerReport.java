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

  /**
   * {@return the first 20 queues of the worker, in the order in which it was given them}
   * Unmodifiable.
   */
  public List<Queue> queues() {
    long minute = note.map(ReportNote::minute).orElse(0L);
    return note.map(ReportNote::queues).map(WorkerReport::known).orElse(List.of()).stream()
        .map(queue -> Queue.of(queue, minute))
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

  /**
   * A queue of a worker.
   *
   * @param name its name
   * @param slots how many of its jobs the worker runs at once, at most
   * @param active how many it runs now, with those that are stuck
   * @param waiting how many it has claimed ahead
   * @param stuck how many handlers ignore their interrupt [W13]
   * @param sinceLastClaim how long before the report the store last answered a claim; null if it
   *     has not answered one yet
   * @param minutes the last minutes, up to 60, the newest first, which is not over yet; fewer if
   *     nothing happened before, or if the report would be larger than 8,000 bytes
   */
  public record Queue(
      String name,
      int slots,
      int active,
      int waiting,
      int stuck,
      @Nullable Duration sinceLastClaim,
      List<Minute> minutes) {

    private static Queue of(ReportNote.Queue queue, long newest) {
      List<List<Long>> numbers = queue.minutes() == null ? List.of() : known(queue.minutes());
      List<Minute> minutes = new ArrayList<>();
      for (List<Long> minute : numbers) {
        minutes.add(Minute.of(newest - minutes.size(), known(minute)));
      }
      return new Queue(
          Objects.requireNonNullElse(queue.name(), ""),
          number(queue.slots()),
          number(queue.active()),
          number(queue.waiting()),
          number(queue.stuck()),
          queue.claimed() == null ? null : Duration.ofMillis(queue.claimed()),
          List.copyOf(minutes));
    }
  }

  /**
   * What became of the jobs of a queue on a worker, in one minute.
   *
   * @param start when the minute began, by the worker's clock
   * @param done how many jobs were done
   * @param failed how many jobs became FAILED
   * @param retried how many attempts failed and are tried again
   * @param medianWait how long the last 15 jobs that were claimed had waited since they were due,
   *     the median of it; null if none was claimed
   */
  public record Minute(
      Instant start, long done, long failed, long retried, @Nullable Duration medianWait) {

    private static Minute of(long minute, List<Long> numbers) {
      return new Minute(
          Instant.ofEpochSecond(TimeUnit.MINUTES.toSeconds(minute)),
          at(numbers, 0),
          at(numbers, 1),
          at(numbers, 2),
          numbers.size() > 3 ? Duration.ofMillis(numbers.get(3)) : null);
    }

    private static long at(List<Long> numbers, int index) {
      return index < numbers.size() ? numbers.get(index) : 0;
    }
  }
}
