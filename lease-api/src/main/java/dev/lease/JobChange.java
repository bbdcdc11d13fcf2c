package dev.lease;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What to change of a job that waits. A value that is not set stays as it is. A change that sets
 * none is allowed: for a job that waits the answer is {@link JobAdmin.Change#CHANGED}, and no
 * record is left [Q89].
 *
 * <p>The builder checks every value [Q56].
 */
public final class JobChange {

  private final @Nullable Due due;
  private final @Nullable Integer priority;
  private final @Nullable Integer crashesLeft;
  private final @Nullable Integer failuresLeft;
  private final @Nullable Due notAfter;
  private final @Nullable String payload;

  private JobChange(Builder builder) {
    due = builder.due;
    priority = builder.priority;
    crashesLeft = builder.crashesLeft;
    failuresLeft = builder.failuresLeft;
    notAfter = builder.notAfter;
    payload = builder.payload;
    if (priority != null) {
      Limits.between("priority", priority, 0, Limits.MAX_PRIORITY);
    }
    if (crashesLeft != null) {
      Limits.between("crashesLeft", crashesLeft, 1, Integer.MAX_VALUE);
    }
    if (failuresLeft != null) {
      Limits.between("failuresLeft", failuresLeft, 1, Integer.MAX_VALUE);
    }
    if (due != null) {
      NewJob.deadline(notAfter, due);
    }
    if (payload != null) {
      Limits.text("payload", payload);
    }
  }

  /**
   * Starts a builder of a change that changes nothing yet.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Creates a change that makes a waiting job due now.
   *
   * @return a change of the due time
   */
  public static JobChange runNow() {
    return builder().due(Due.now()).build();
  }

  /**
   * What a change has changed, in words, for the record of the act [Q88]. Of a payload it says only
   * the size, since what it holds may be secret.
   *
   * @param before the job before the change
   * @param after the job after it
   * @return each value that differs, before and after; empty if none does
   */
  public static String difference(Job before, Job after) {
    var words = new StringJoiner(", ");
    add(words, "due", before.dueAt(), after.dueAt());
    add(words, "priority", before.priority(), after.priority());
    add(words, "crashes", before.maxCrashes(), after.maxCrashes());
    add(words, "failures", before.maxFailures(), after.maxFailures());
    add(words, "deadline", before.notAfter(), after.notAfter());
    if (!before.payload().equals(after.payload())) {
      words.add("payload bytes " + bytes(before) + " -> " + bytes(after));
    }
    return words.toString();
  }

  private static void add(
      StringJoiner words, String name, @Nullable Object before, @Nullable Object after) {
    if (!Objects.equals(before, after)) {
      words.add(name + " " + said(before) + " -> " + said(after));
    }
  }

  private static Object said(@Nullable Object value) {
    return value == null ? "none" : value;
  }

  private static int bytes(Job job) {
    return job.payload().getBytes(UTF_8).length;
  }

  /**
   * Makes the change to a job that waits, as {@link JobAdmin#change} demands it [Q56]. For stores
   * that keep a job as one value.
   *
   * @param job the job, which nobody holds
   * @param now the store's now
   * @return the job with its new values, times in whole microseconds; what is not set stays
   */
  public Job applyTo(Job job, Instant now) {
    Job.Builder changed = job.toBuilder();
    if (due != null) {
      changed.dueAt(due.from(now));
    }
    if (priority != null) {
      changed.priority(priority);
    }
    if (crashesLeft != null) {
      changed.maxCrashes(sum(job.attempts() - job.failures(), crashesLeft));
    }
    if (failuresLeft != null) {
      changed.maxFailures(sum(job.failures(), failuresLeft));
    }
    if (notAfter != null) {
      changed.notAfter(notAfter.from(now));
    }
    if (payload != null) {
      changed.payload(payload);
    }
    return changed.build();
  }

  private static int sum(int one, int other) {
    return (int) Math.min(Integer.MAX_VALUE, (long) one + other);
  }

  /**
   * When it can next be claimed.
   *
   * @return the due time, or null to leave it as it is
   */
  public @Nullable Due due() {
    return due;
  }

  /**
   * Its new priority.
   *
   * @return 0 to 9, or null to leave it as it is
   */
  public @Nullable Integer priority() {
    return priority;
  }

  /**
   * How many attempts may still crash. The store sets the job's maximum to the crashes so far plus
   * this number, at most {@link Integer#MAX_VALUE}.
   *
   * @return at least 1, or null to leave it as it is
   */
  public @Nullable Integer crashesLeft() {
    return crashesLeft;
  }

  /**
   * How many attempts may still fail. The store sets the job's maximum to the failures so far plus
   * this number, at most {@link Integer#MAX_VALUE}.
   *
   * @return at least 1, or null to leave it as it is
   */
  public @Nullable Integer failuresLeft() {
    return failuresLeft;
  }

  /**
   * Its new deadline.
   *
   * @return the time after which no attempt begins, or null to leave it as it is
   */
  public @Nullable Due notAfter() {
    return notAfter;
  }

  /**
   * Its new payload.
   *
   * @return text of at most 1 MiB, or null to leave it as it is
   */
  public @Nullable String payload() {
    return payload;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobChange that
        && Objects.equals(due, that.due)
        && Objects.equals(priority, that.priority)
        && Objects.equals(crashesLeft, that.crashesLeft)
        && Objects.equals(failuresLeft, that.failuresLeft)
        && Objects.equals(notAfter, that.notAfter)
        && Objects.equals(payload, that.payload);
  }

  @Override
  public int hashCode() {
    return Objects.hash(due, priority, crashesLeft, failuresLeft, notAfter, payload);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "JobChange[due="
        + due
        + ", priority="
        + priority
        + ", crashesLeft="
        + crashesLeft
        + ", failuresLeft="
        + failuresLeft
        + ", notAfter="
        + notAfter
        + ", payload="
        + (payload == null ? "null" : "of " + payload.length() + " characters")
        + "]";
  }

  /** Builds a {@link JobChange}; not for use by several threads. */
  public static final class Builder {
    private @Nullable Due due;
    private @Nullable Integer priority;
    private @Nullable Integer crashesLeft;
    private @Nullable Integer failuresLeft;
    private @Nullable Due notAfter;
    private @Nullable String payload;

    private Builder() {}

    /**
     * Sets when the job can next be claimed.
     *
     * @param due the due time
     * @return this
     */
    public Builder due(Due due) {
      this.due = Limits.notNull("due", due);
      return this;
    }

    /**
     * Sets the priority.
     *
     * @param priority 0 to 9; 9 goes first
     * @return this
     */
    public Builder priority(int priority) {
      this.priority = priority;
      return this;
    }

    /**
     * Sets how many attempts may still crash.
     *
     * @param crashesLeft at least 1
     * @return this
     */
    public Builder crashesLeft(int crashesLeft) {
      this.crashesLeft = crashesLeft;
      return this;
    }

    /**
     * Sets how many attempts may still fail.
     *
     * @param failuresLeft at least 1
     * @return this
     */
    public Builder failuresLeft(int failuresLeft) {
      this.failuresLeft = failuresLeft;
      return this;
    }

    /**
     * Sets the deadline: no attempt begins after it.
     *
     * @param notAfter an instant, or a delay from the store's now
     * @return this
     */
    public Builder notAfter(Due notAfter) {
      this.notAfter = Limits.notNull("notAfter", notAfter);
      return this;
    }

    /**
     * Sets the payload.
     *
     * @param payload text of at most 1 MiB
     * @return this
     */
    public Builder payload(String payload) {
      this.payload = Limits.notNull("payload", payload);
      return this;
    }

    /**
     * Builds the change.
     *
     * @return the change
     * @throws IllegalArgumentException if a value breaks a rule of {@link Limits}
     */
    public JobChange build() {
      return new JobChange(this);
    }
  }
}
