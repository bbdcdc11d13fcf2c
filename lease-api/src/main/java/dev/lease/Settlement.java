package dev.lease;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a worker ends its hold on a job: {@link Done}, {@link Retry}, {@link Failed}, {@link
 * Cancelled} or {@link Released}. Whoever holds a job makes one; a {@link JobQueue} stores it.
 * Immutable.
 *
 * <p>More kinds may come. A store refuses a kind that it does not know with {@link
 * UnsupportedOperationException}, before it changes anything. This class is not sealed, so that the
 * compiler asks for a default in each switch over it; nobody else can extend it.
 */
public abstract class Settlement {

  private final JobLease lease;

  /** For the kinds below, and for tests that need one more. */
  Settlement(JobLease lease) {
    this.lease = Limits.notNull("lease", lease);
  }

  /**
   * The work is done, and the job has no result.
   *
   * @param lease the lease under which the job is settled
   * @return the settlement
   */
  public static Done done(JobLease lease) {
    return new Done(lease, null);
  }

  /**
   * The work is done.
   *
   * @param lease the lease under which the job is settled
   * @param result the result, text of at most 1 MiB, or null
   * @return the settlement
   * @throws IllegalArgumentException if the result is not storable
   */
  public static Done done(JobLease lease, @Nullable String result) {
    return new Done(lease, result);
  }

  /**
   * The attempt failed, and the job is tried again.
   *
   * @param lease the lease under which the job is settled
   * @param delay how long until the next attempt, clamped to 0 to 3650 days
   * @param error why it failed, made storable by {@link Limits#errorText}; null becomes the empty
   *     text
   * @return the settlement
   */
  public static Retry retry(JobLease lease, Duration delay, @Nullable String error) {
    return new Retry(lease, delay, error);
  }

  /**
   * The job failed for good.
   *
   * @param lease the lease under which the job is settled
   * @param error why it failed, made storable by {@link Limits#errorText}; null becomes the empty
   *     text
   * @return the settlement
   */
  public static Failed failed(JobLease lease, @Nullable String error) {
    return new Failed(lease, error);
  }

  /**
   * The holder gives the job up.
   *
   * @param lease the lease under which the job is settled
   * @param reason why, made storable by {@link Limits#errorText}; null becomes the empty text
   * @return the settlement
   */
  public static Cancelled cancelled(JobLease lease, @Nullable String reason) {
    return new Cancelled(lease, reason);
  }

  /**
   * The worker hands the job back unfinished.
   *
   * @param lease the lease under which the job is settled
   * @param delay how long until the next attempt, clamped to 0 to 3650 days
   * @return the settlement
   */
  public static Released released(JobLease lease, Duration delay) {
    return new Released(lease, delay);
  }

  /**
   * Checks the settlements of a call: a {@linkplain Limits#batch batch}, each of a kind that the
   * store knows. Stores call this before they do anything with them.
   *
   * @param settlements the settlements
   * @param known the classes of the kinds that the store can store
   * @return an unmodifiable copy
   * @throws UnsupportedOperationException if one of them is of another kind
   */
  public static List<Settlement> batch(
      @Nullable List<Settlement> settlements, Set<Class<? extends Settlement>> known) {
    List<Settlement> batch = Limits.batch("settlements", settlements);
    for (Settlement settlement : batch) {
      if (!known.contains(settlement.getClass())) {
        throw new UnsupportedOperationException(
            "this store knows no settlement "
                + settlement.getClass().getSimpleName()
                + "; use a newer version of the store, or an older one of the worker");
      }
    }
    return batch;
  }

  /** {@return the lease under which the job is settled} */
  public final JobLease lease() {
    return lease;
  }

  /** What a kind has beside the lease. */
  abstract List<@Nullable Object> rest();

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Settlement that
        && getClass() == that.getClass()
        && lease.equals(that.lease)
        && rest().equals(that.rest());
  }

  @Override
  public final int hashCode() {
    return 31 * lease.hashCode() + rest().hashCode();
  }

  /** For log messages and failing tests. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[" + lease + ", " + rest() + "]";
  }

  /** The answer to a settlement. More constants may come, so a switch over them needs a default. */
  public enum Result {
    /** The settlement is stored, and the hold has ended. */
    ACCEPTED,
    /**
     * The caller did not hold the job: it was claimed again, reset, settled or deleted before.
     * Nothing was changed. If the outcome of the same settlement was unknown before, it may be that
     * one which settled the job [Q30].
     */
    LOST,
    /**
     * Another transaction has locked the job's row at this moment. The settlement is neither stored
     * nor lost, and nothing was changed. The caller tries again [Q39].
     */
    BUSY
  }

  /**
   * The work is done. The job becomes DONE, even if its cancellation was requested [Q27, Q38].
   * {@link #done} makes it.
   */
  public static final class Done extends Settlement {

    private final @Nullable String result;

    private Done(JobLease lease, @Nullable String result) {
      super(lease);
      this.result = result == null ? null : Limits.text("result", result);
    }

    /** {@return the result; null if there is none} */
    public @Nullable String result() {
      return result;
    }

    @Override
    List<@Nullable Object> rest() {
      return Arrays.asList(result);
    }
  }

  /**
   * The attempt failed. The job becomes RETRY, due at the store's now + delay, with one failure
   * more. If it has a {@link Job#maxFailures} and its failures have reached it, it becomes FAILED;
   * if its cancellation was requested, CANCELLED [Q32, Q38]. {@link #retry} makes it.
   */
  public static final class Retry extends Settlement {

    private final Duration delay;
    private final String error;

    private Retry(JobLease lease, Duration delay, @Nullable String error) {
      super(lease);
      this.delay = Limits.clampedDelay("delay", delay);
      this.error = Limits.errorText(error);
    }

    /** {@return how long until the next attempt, 0 to 3650 days} */
    public Duration delay() {
      return delay;
    }

    /** {@return why it failed} */
    public String error() {
      return error;
    }

    @Override
    List<@Nullable Object> rest() {
      return Arrays.asList(delay, error);
    }
  }

  /**
   * The job failed for good. It becomes FAILED, with one failure more. {@link #failed} makes it.
   */
  public static final class Failed extends Settlement {

    private final String error;

    private Failed(JobLease lease, @Nullable String error) {
      super(lease);
      this.error = Limits.errorText(error);
    }

    /** {@return why it failed} */
    public String error() {
      return error;
    }

    @Override
    List<@Nullable Object> rest() {
      return Arrays.asList(error);
    }
  }

  /**
   * The holder gives the job up: there is nothing left to do. The job becomes CANCELLED, whether or
   * not its cancellation was requested. No failed attempt is recorded, since nothing failed [Q27,
   * Q57]. {@link #cancelled} makes it.
   */
  public static final class Cancelled extends Settlement {

    private final String reason;

    private Cancelled(JobLease lease, @Nullable String reason) {
      super(lease);
      this.reason = Limits.errorText(reason);
    }

    /** {@return why; the job has it as its error} */
    public String reason() {
      return reason;
    }

    @Override
    List<@Nullable Object> rest() {
      return Arrays.asList(reason);
    }
  }

  /**
   * The worker hands the job back unfinished, and the attempt does not count. The job is what it
   * was before the claim: with a delay of zero its due time is unchanged, otherwise it is due at
   * the store's now + delay. If its cancellation was requested, it becomes CANCELLED [Q35, Q38].
   * {@link #released} makes it.
   */
  public static final class Released extends Settlement {

    private final Duration delay;

    private Released(JobLease lease, Duration delay) {
      super(lease);
      this.delay = Limits.clampedDelay("delay", delay);
    }

    /** {@return how long until the next attempt, 0 to 3650 days} */
    public Duration delay() {
      return delay;
    }

    @Override
    List<@Nullable Object> rest() {
      return Arrays.asList(delay);
    }
  }
}
