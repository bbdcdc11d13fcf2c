package dev.lease;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that wait for jobs. A <em>graph</em> has parts; a part is one job or many, which wait until
 * other parts have ended. Nothing of a graph runs before all of it is stored, and what ends the
 * last job of a part lets the parts behind it go, whoever dies meanwhile [Q72-Q80].
 *
 * <p>A job of a graph is a job like any other: it is claimed, kept, retried, cancelled and read as
 * such. While it waits for other parts it is PENDING, and no claim looks at it [Q73].
 *
 * <p>Safe for use by many threads. Each call throws a {@link StoreException} if the store cannot
 * answer, and may be repeated. An application calls {@code JobClient.graph} of {@code lease-worker}
 * instead, which cuts a graph into pieces.
 */
public interface JobGraphs {

  /**
   * Stores a piece of a graph, in one atomic step: all of it or nothing [Q72]. The first piece
   * makes the graph; the last one completes it, and from then on its jobs may run. A piece that is
   * sent again changes nothing [Q78]. A graph that is not completed, and gets no piece for an hour,
   * may be removed with all its jobs.
   *
   * @param piece the piece
   * @return what became of it
   * @throws UnsupportedOperationException if a job has a key and the store comes without {@link
   *     Capability#KEYS}; nothing is stored
   */
  GraphAnswer add(GraphPiece piece);

  /**
   * Removes jobs of a graph that is not complete, and the graph with the last of them. Does nothing
   * to one that is complete, or does not exist.
   *
   * @param queue the queue
   * @param graph the graph
   * @param limit how many jobs to remove at most, 1 to 1,000
   * @return how many it removed; less than the limit: there is nothing left to remove
   * @throws IllegalArgumentException if an argument is outside its range
   */
  int discard(String queue, String graph, int limit);

  /**
   * Reads how far a graph is. Changes nothing.
   *
   * @param queue the queue
   * @param graph the graph
   * @return its state; empty if there is no such graph, or not any more
   */
  Optional<GraphState> find(String queue, String graph);

  /**
   * Lists the parts of a graph, in the order in which they were stored: each one behind those that
   * it waits for. Changes nothing.
   *
   * @param queue the queue
   * @param graph the graph
   * @param after the last part of the page before, or null for the first page
   * @param limit the size of the page, 1 to 1,000
   * @return the page; empty if there is no such graph
   * @throws IllegalArgumentException if an argument is outside its range
   */
  PartPage parts(String queue, String graph, @Nullable String after, int limit);

  /**
   * Lists the jobs of a part, in the order in which they were stored. Those that were deleted or
   * purged are left out. Changes nothing.
   *
   * @param queue the queue
   * @param graph the graph
   * @param part the name of the part
   * @param after where the page before ended, {@link JobPage#next}; null for the first page
   * @param limit the size of the page, 1 to 1,000
   * @return the page
   * @throws IllegalArgumentException if an argument is outside its range
   */
  JobPage jobs(String queue, String graph, String part, @Nullable String after, int limit);

  /**
   * Lists the jobs of the parts that a job waits or waited for, part by part. Where its part is to
   * {@linkplain OnFailure#IGNORE ignore} failures, those that are not DONE are left out. They and
   * their results stay at least until the job has ended, however long they are to be kept; an
   * operator's delete removes one all the same [Q77]. Changes nothing.
   *
   * @param queue the queue
   * @param id the job
   * @param after where the page before ended, {@link JobPage#next}; null for the first page
   * @param limit the size of the page, 1 to 1,000
   * @return the page; empty if the job is of no graph
   * @throws IllegalArgumentException if an argument is outside its range
   */
  JobPage parents(String queue, String id, @Nullable String after, int limit);
}
