package dev.lease;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a graph, as {@link JobGraphs#add} stores it in one step: parts that are new, jobs of
 * these or of earlier ones, and, in the last piece, how much there is in all. Immutable.
 */
public final class GraphPiece {

  /** How many parts a piece may have, and how many jobs. */
  public static final int MAX_SIZE = Limits.MAX_BATCH;

  /** How many other parts all parts of a piece may wait for together. */
  public static final int MAX_EDGES = 10_000;

  /** How many parts a graph may have. */
  public static final int MAX_PARTS = 100_000;

  private final String queue;
  private final String graph;
  private final List<GraphPart> parts;
  private final Map<String, List<NewJob>> jobs;
  private final @Nullable Total total;

  /**
   * How much a graph has when it is complete.
   *
   * @param parts how many parts, 1 to {@value #MAX_PARTS}
   * @param jobs how many jobs, 0 or more
   */
  public record Total(int parts, int jobs) {
    /**
     * Checks the numbers.
     *
     * @param parts as above
     * @param jobs as above
     * @throws IllegalArgumentException if a number is outside its range
     */
    public Total {
      Limits.between("parts", parts, 1, MAX_PARTS);
      Limits.between("jobs", jobs, 0, Integer.MAX_VALUE);
    }
  }

  private GraphPiece(Builder builder) {
    queue = Limits.name("queue", builder.queue);
    graph = Limits.name("graph", builder.graph);
    parts = List.copyOf(builder.parts);
    Map<String, List<NewJob>> copy = new LinkedHashMap<>();
    builder.jobs.forEach((part, of) -> copy.put(part, List.copyOf(of)));
    jobs = Collections.unmodifiableMap(copy);
    total = builder.total;
    Limits.between("parts of a piece", parts.size(), 0, MAX_SIZE);
    Limits.between("jobs of a piece", size(), 0, MAX_SIZE);
    Limits.between(
        "edges of a piece",
        parts.stream().mapToInt(part -> part.after().size()).sum(),
        0,
        MAX_EDGES);
    requireDistinct();
  }

  private void requireDistinct() {
    Set<String> names = new HashSet<>();
    for (GraphPart part : parts) {
      if (!names.add(part.name())) {
        throw new IllegalArgumentException(
            "each part of a graph has a name of its own, was twice " + Limits.quote(part.name()));
      }
    }
    Set<String> ids = new HashSet<>();
    Set<String> keys = new HashSet<>();
    for (NewJob job : allJobs()) {
      if (!job.queue().equals(queue)) {
        throw new IllegalArgumentException(
            "all jobs of a graph are of its queue "
                + Limits.quote(queue)
                + ", was "
                + Limits.quote(job.queue())
                + " for job "
                + Limits.quote(job.id()));
      }
      if (!ids.add(job.id()) || (job.dedupKey() != null && !keys.add(job.dedupKey()))) {
        throw new IllegalArgumentException(
            "each job of a graph has an id and a dedup key of its own, was twice that of job "
                + Limits.quote(job.id()));
      }
    }
  }

  /**
   * Starts a piece of nothing.
   *
   * @param queue the queue of the graph and of all its jobs
   * @param graph the id of the graph, unique within its queue
   * @return a builder
   */
  public static Builder builder(String queue, String graph) {
    return new Builder(queue, graph);
  }

  /** {@return the queue of the graph and of all its jobs} */
  public String queue() {
    return queue;
  }

  /** {@return the id of the graph} */
  public String graph() {
    return graph;
  }

  /**
   * {@return the parts that this piece brings, each behind those that it waits for, unmodifiable}
   */
  public List<GraphPart> parts() {
    return parts;
  }

  /** {@return the jobs that this piece brings, by the names of their parts, unmodifiable} */
  public Map<String, List<NewJob>> jobs() {
    return jobs;
  }

  /** {@return all jobs that this piece brings, part by part} */
  public List<NewJob> allJobs() {
    return jobs.values().stream().flatMap(List::stream).toList();
  }

  private int size() {
    return jobs.values().stream().mapToInt(List::size).sum();
  }

  /** {@return how much the graph has in all, if this piece is the last one, else null} */
  public @Nullable Total total() {
    return total;
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "GraphPiece[queue="
        + queue
        + ", graph="
        + graph
        + ", parts="
        + parts.size()
        + ", jobs="
        + size()
        + ", total="
        + total
        + "]";
  }

  /** Builds a piece; not for use by several threads. */
  public static final class Builder {

    private final String queue;
    private final String graph;
    private final List<GraphPart> parts = new ArrayList<>();
    private final Map<String, List<NewJob>> jobs = new LinkedHashMap<>();
    private @Nullable Total total;

    private Builder(String queue, String graph) {
      this.queue = queue;
      this.graph = graph;
    }

    /**
     * Adds a part. The parts that it waits for must be in an earlier piece, or before it in this
     * one.
     *
     * @param part the part
     * @return this
     */
    public Builder part(GraphPart part) {
      parts.add(Limits.notNull("part", part));
      return this;
    }

    /**
     * Adds a job to a part, which must be in an earlier piece or in this one.
     *
     * @param part the name of the part
     * @param job the job
     * @return this
     */
    public Builder job(String part, NewJob job) {
      jobs.computeIfAbsent(Limits.name("part", part), name -> new ArrayList<>())
          .add(Limits.notNull("job", job));
      return this;
    }

    /**
     * Says that the graph is complete with this piece.
     *
     * @param parts how many parts it has in all, 1 to {@value GraphPiece#MAX_PARTS}
     * @param jobs how many jobs it has in all, 0 or more
     * @return this
     * @throws IllegalArgumentException if a number is outside its range
     */
    public Builder last(int parts, int jobs) {
      total = new Total(parts, jobs);
      return this;
    }

    /**
     * Makes the piece.
     *
     * @return the piece
     * @throws IllegalArgumentException if it has more than {@value GraphPiece#MAX_SIZE} parts or
     *     jobs, or more than {@value GraphPiece#MAX_EDGES} edges, or a part, a job or a dedup key
     *     twice, or a job of another queue
     */
    public GraphPiece build() {
      return new GraphPiece(this);
    }
  }
}
