package dev.lease.console.live;

import dev.lease.JobState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** What the console has seen since somebody looked: the last figures, for lines. */
final class Ring {

  private static final int MOST = 300;

  /** Points that lie further apart than so many times their pace are not joined. */
  private static final int GAP = 3;

  private record Point(long second, boolean gap, long waiting, long running, long failed) {}

  private final Deque<Point> points = new ArrayDeque<>();

  void add(Figures figures, Duration pace) {
    long second = figures.at().getEpochSecond();
    Point last = points.peekLast();
    if (last != null && second <= last.second()) {
      return;
    }
    boolean gap = last != null && second - last.second() > GAP * Math.max(2, pace.toSeconds());
    points.add(
        new Point(
            second,
            gap,
            figures.count(JobState.PENDING) + figures.count(JobState.RETRY),
            figures.count(JobState.PROCESSING),
            figures.count(JobState.FAILED)));
    if (points.size() > MOST) {
      points.removeFirst();
    }
  }

  /** The points as four arrays of JSON: seconds, and a line each, which has null in a gap. */
  String json() {
    return "["
        + String.join(
            ",",
            line(Point::second, true),
            line(Point::waiting, false),
            line(Point::running, false),
            line(Point::failed, false))
        + "]";
  }

  private String line(ToLongFunction<Point> value, boolean isTime) {
    return points.stream()
        .map(
            point -> {
              long number = value.applyAsLong(point);
              String before = isTime ? number - 1 + "," : "null,";
              return (point.gap() ? before : "") + number;
            })
        .collect(Collectors.joining(",", "[", "]"));
  }
}
