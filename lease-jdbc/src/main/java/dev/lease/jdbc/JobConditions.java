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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns a filter into conditions of a statement, with their values, and tells how a database finds
 * the jobs without a walk over all that have finished.
 */
final class JobConditions {

  private static final String NOT_FINISHED = "outcome is null";

  private final JobFilter filter;
  private final List<String> conditions = new ArrayList<>();
  private final Map<String, Object> values = new HashMap<>();

  /**
   * Makes the conditions of a page.
   *
   * @param after the number of the last job of the page before, or null
   */
  JobConditions(JobFilter filter, JobOrder order, @Nullable Long after) {
    this.filter = filter;
    String queue = filter.queue();
    if (queue != null) {
      values.put("queue", queue);
    }
    if (!filter.states().isEmpty()) {
      conditions.add(
          filter.states().stream()
              .sorted()
              .map(state -> "{" + state + "}")
              .collect(Collectors.joining(", ", "{state} in (", ")")));
    }
    add(order == JobOrder.OLDEST_FIRST ? "seq > :after" : "seq < :after", "after", after);
    add("type = :type", "type", filter.type());
    String prefix = filter.idPrefix();
    if (prefix != null) {
      values.put("prefixLength", prefix.codePointCount(0, prefix.length()));
      add("{id_begins}", "idPrefix", prefix);
    }
    add("{error_contains}", "errorText", filter.errorText());
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

  boolean ofOneQueue() {
    return filter.queue() != null;
  }

  /** The parts of a queue in which there may be such jobs, each as a condition. */
  List<String> parts() {
    List<JobState> states =
        filter.states().isEmpty() ? List.of(JobState.values()) : List.copyOf(filter.states());
    return states.stream()
        .sorted()
        .map(state -> state.isFinished() ? "outcome = {" + state + "}" : NOT_FINISHED)
        .distinct()
        .toList();
  }

  /** The conditions within a part of a queue, with words in braces and names of values. */
  String ofParts() {
    return conditions.isEmpty() ? "{true}" : String.join("\n  and ", conditions);
  }

  /** All conditions. */
  String ofAll() {
    var all = new ArrayList<String>();
    List<String> parts = parts();
    if (parts.equals(List.of(NOT_FINISHED))) {
      // From the states alone a planner cannot tell which half of the table to leave out.
      all.add("{unfinished}");
    } else if (!parts.contains(NOT_FINISHED)) {
      all.add(
          filter.states().stream()
              .map(state -> "{" + state + "}")
              .collect(Collectors.joining(", ", "outcome in (", ")")));
    }
    if (ofOneQueue()) {
      all.add("queue = :queue");
      all.add("{queue_exists}");
    }
    all.addAll(conditions);
    return all.isEmpty() ? "{true}" : String.join("\n  and ", all);
  }

  /**
   * How to find the jobs: in the order of enqueueing, or by an index if these are few beside many
   * that are done.
   */
  String index() {
    List<String> parts = parts();
    if (ofOneQueue() && parts.equals(List.of(NOT_FINISHED))) {
      return "{use lease_job_ready}";
    }
    boolean few =
        !parts.contains(NOT_FINISHED) && !parts.contains("outcome = {" + JobState.DONE + "}");
    return ofOneQueue() && few ? "{use lease_job_finished}" : "{by_seq}";
  }

  Map<String, Object> values() {
    return values;
  }
}
