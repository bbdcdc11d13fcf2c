package dev.lease.jdbc;

import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobState;
import dev.lease.Micros;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns a filter into conditions of a statement, with their values. */
final class JobConditions {

  private final List<String> conditions = new ArrayList<>();
  private final Map<String, Object> values = new HashMap<>();

  /**
   * Makes the conditions of a page.
   *
   * @param after the number of the last job of the page before, or null
   */
  JobConditions(JobFilter filter, JobOrder order, @Nullable Long after) {
    // From the states alone a planner cannot tell which half of the table to leave out.
    if (!filter.states().isEmpty()) {
      if (filter.states().stream().noneMatch(JobState::isFinished)) {
        conditions.add("{unfinished}");
      } else if (filter.states().stream().allMatch(JobState::isFinished)) {
        conditions.add("outcome is not null");
      }
      add(":states & (1 << {state}) <> 0", "states", bits(filter));
    }
    add(order == JobOrder.OLDEST_FIRST ? "seq > :after" : "seq < :after", "after", after);
    add("queue = :queue", "queue", filter.queue());
    add("type = :type", "type", filter.type());
    String prefix = filter.idPrefix();
    if (prefix != null) {
      values.put("prefixLength", prefix.codePointCount(0, prefix.length()));
      add("substr(id, 1, :prefixLength) = :idPrefix", "idPrefix", prefix);
    }
    add("{position}(error, :errorText) > 0", "errorText", filter.errorText());
    addTime("created_at >= :createdFrom", "createdFrom", filter.createdFrom());
    addTime("created_at < :createdBefore", "createdBefore", filter.createdBefore());
    addTime(
        "outcome is not null and finished_at >= :finishedFrom",
        "finishedFrom",
        filter.finishedFrom());
    addTime(
        "outcome is not null and finished_at < :finishedBefore",
        "finishedBefore",
        filter.finishedBefore());
  }

  private void addTime(String condition, String name, @Nullable Instant time) {
    add(condition, name, time == null ? null : Micros.notBefore(time));
  }

  private void add(String condition, String name, @Nullable Object value) {
    if (value != null) {
      conditions.add(condition);
      values.put(name, value);
    }
  }

  private static int bits(JobFilter filter) {
    int bits = 0;
    for (JobState state : filter.states()) {
      bits |= 1 << StateCodes.code(state);
    }
    return bits;
  }

  /** The conditions, as a text with words in braces and names of values. */
  String text() {
    return conditions.isEmpty() ? "true" : String.join("\n  and ", conditions);
  }

  Map<String, Object> values() {
    return values;
  }
}
