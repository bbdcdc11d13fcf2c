package dev.lease;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a piece of a graph. Immutable.
 *
 * <p>Stores create it with a factory method, so that fields can be added later.
 */
public final class GraphAnswer {

  private final Kind kind;
  private final @Nullable String job;

  /** What became of a piece. More kinds may come: a switch needs a default. */
  public enum Kind {
    /** All of the piece is stored, by this call or by an earlier one. */
    STORED,
    /** A graph with this id was complete before. Nothing was stored, and nothing has changed. */
    COMPLETE,
    /** The id or the dedup key of one of the jobs is taken. Nothing of the piece was stored. */
    TAKEN,
    /**
     * What is stored of the graph does not fit to the piece: a part is there in another way, one
     * that is waited for is not there, or there is more or less in all. Nothing of the piece was
     * stored.
     */
    DIFFERS
  }

  private GraphAnswer(Kind kind, @Nullable String job) {
    this.kind = kind;
    this.job = job;
  }

  /** {@return the answer that all of the piece is stored} */
  public static GraphAnswer stored() {
    return new GraphAnswer(Kind.STORED, null);
  }

  /** {@return the answer that the graph was complete before} */
  public static GraphAnswer complete() {
    return new GraphAnswer(Kind.COMPLETE, null);
  }

  /**
   * Makes the answer that an id or a dedup key is taken.
   *
   * @param job the id of the job of the piece that cannot be stored
   * @return the answer
   */
  public static GraphAnswer taken(String job) {
    return new GraphAnswer(Kind.TAKEN, Limits.name("job id", job));
  }

  /** {@return the answer that the piece does not fit to what is stored} */
  public static GraphAnswer differs() {
    return new GraphAnswer(Kind.DIFFERS, null);
  }

  /** {@return what became of the piece} */
  public Kind kind() {
    return kind;
  }

  /** {@return the id of the job of the piece that cannot be stored, if that is so, else null} */
  public @Nullable String job() {
    return job;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GraphAnswer that && kind == that.kind && Objects.equals(job, that.job);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, job);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "GraphAnswer[kind=" + kind + ", job=" + job + "]";
  }
}
