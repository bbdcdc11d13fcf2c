package dev.lease;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to the enqueueing of one job.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class Enqueued {

  private final String id;
  private final boolean created;

  private Enqueued(String id, boolean created) {
    this.id = Limits.name("job id", id);
    this.created = created;
  }

  /**
   * Creates an answer.
   *
   * @param id the id of the job that now exists
   * @param created true if this call created it
   * @return the answer
   */
  public static Enqueued of(String id, boolean created) {
    return new Enqueued(id, created);
  }

  /**
   * The id of the job that now exists: the one that the caller gave, or that of the job which has
   * the dedup key.
   *
   * @return the id
   */
  public String id() {
    return id;
  }

  /**
   * Whether this call created the job [Q02, Q04].
   *
   * @return true if it did; false if the job was there before and was not changed
   */
  public boolean created() {
    return created;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Enqueued that && id.equals(that.id) && created == that.created;
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, created);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "Enqueued[id=" + id + ", created=" + created + "]";
  }
}
