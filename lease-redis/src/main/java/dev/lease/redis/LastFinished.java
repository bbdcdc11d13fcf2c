package dev.lease.redis;

import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.Micros;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Merges the sorted sets of several queues into a page, the last finished first. Jobs that finished
 * at the same time are in the order of their queues.
 */
final class LastFinished {

  private static final Comparator<ListCursor> ORDER =
      Comparator.comparingDouble((ListCursor place) -> Double.parseDouble(place.score()))
          .reversed()
          .thenComparing(ListCursor::queue, QueueNames.UTF8_ORDER)
          .thenComparing(ListCursor::seq, Comparator.reverseOrder());

  private static final Comparator<Placed> BY_PLACE = Comparator.comparing(Placed::place, ORDER);

  /** More than any sequence number. */
  private static final long BEFORE_ALL = 1L << 53;

  private final int limit;
  private List<Placed> jobs = new ArrayList<>();
  private int seen;

  /** Where sets were left that have more. What follows the first of these places is not known. */
  private final PriorityQueue<ListCursor> left = new PriorityQueue<>(ORDER);

  LastFinished(int limit) {
    this.limit = limit;
  }

  /**
   * Where to begin in a set.
   *
   * @param from where the page before ended, or null
   * @param first the score before which the first page begins
   */
  static ListCursor start(@Nullable ListCursor from, String first, String queue, String set) {
    if (from == null) {
      return new ListCursor(JobOrder.LAST_FINISHED_FIRST, queue, set, first, 0);
    }
    int queues = QueueNames.UTF8_ORDER.compare(queue, from.queue());
    long seq = queues == 0 ? from.seq() : queues < 0 ? 0 : BEFORE_ALL;
    return new ListCursor(from.order(), queue, set, from.score(), seq);
  }

  /** Adds what was found in a set. */
  void add(List<Placed> found, int seen, @Nullable ListCursor next) {
    jobs.addAll(found);
    this.seen += seen;
    if (next != null) {
      left.add(next);
    }
  }

  /** How many jobs were looked at. */
  int seen() {
    return seen;
  }

  /** Whether jobs that are not known yet may come onto the page. */
  boolean hasRoom() {
    return !left.isEmpty() && known().count() < limit;
  }

  /** Takes the first places at which sets were left, to go on there. */
  List<ListCursor> goOn(int most) {
    List<ListCursor> places = new ArrayList<>();
    while (places.size() < most && !left.isEmpty()) {
      places.add(left.remove());
    }
    return places;
  }

  private Stream<Placed> known() {
    ListCursor end = left.peek();
    return jobs.stream().filter(job -> end == null || ORDER.compare(job.place(), end) <= 0);
  }

  /** Since when jobs have to have finished to come onto the page, with those found so far. */
  @Nullable Instant since(@Nullable Instant atLeast) {
    jobs.sort(BY_PLACE);
    if (jobs.size() < limit) {
      return atLeast;
    }
    jobs = new ArrayList<>(jobs.subList(0, limit));
    Instant last = Micros.instant((long) Double.parseDouble(jobs.get(limit - 1).place().score()));
    return atLeast == null || last.isAfter(atLeast) ? last : atLeast;
  }

  JobPage page() {
    jobs.sort(BY_PLACE);
    List<Placed> page = known().limit(limit).toList();
    ListCursor next = page.size() == limit ? page.get(limit - 1).place() : left.peek();
    return JobPage.of(
        page.stream().map(Placed::job).toList(), next == null ? null : next.text(), seen);
  }
}
