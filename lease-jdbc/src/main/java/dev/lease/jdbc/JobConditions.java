package dev.lease.jdbc;

import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Micros;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns a query into conditions of a statement, with their values, and tells how a database finds
 * the jobs without a walk over all that have finished. The conditions have words in braces.
 */
final class JobConditions {

  private static final String NOT_FINISHED = "{present} and outcome is null";
  private static final String FINISHED = "{use lease_job_finished}";
  private static final Set<JobState> UNFINISHED =
      EnumSet.of(JobState.PENDING, JobState.PROCESSING, JobState.RETRY);

  private final JobFilter filter;
  private final JobOrder order;
  private final List<String> ofRows = new ArrayList<>();
  private final List<String> range = new ArrayList<>();
  private final Map<String, @Nullable Object> values = new HashMap<>();

  /**
   * Makes the conditions of a page.
   *
   * @param after the place of the last job that was examined before, or null
   */
  JobConditions(JobQuery query, @Nullable JobPlace after) {
    this.filter = query.filter();
    this.order = query.order();
    add(values, "queue", filter.queue());
    add(ofRows, "type = :type", "type", filter.type());
    add(ofRows, "job_key = :key", "key", filter.key());
    String prefix = filter.idPrefix();
    if (prefix != null) {
      values.put("prefixLength", prefix.codePointCount(0, prefix.length()));
      add(ofRows, "{id_begins}", "idPrefix", prefix);
    }
    add(ofRows, "{error_contains}", "errorText", filter.errorText());
    add(ofRows, "created_at >= :createdFrom", "createdFrom", micros(filter.createdFrom()));
    add(ofRows, "created_at < :createdBefore", "createdBefore", micros(filter.createdBefore()));
    // In the order of the finishes the index begins and ends there.
    List<String> ofFinish = byFinish() ? range : ofRows;
    add(ofFinish, "finished_at >= :finishedFrom", "finishedFrom", micros(filter.finishedFrom()));
    add(
        ofFinish,
        "finished_at < :finishedBefore",
        "finishedBefore",
        micros(filter.finishedBefore()));
    if (after != null) {
      addPlace(after);
    }
  }

  private void addPlace(JobPlace after) {
    values.put("after", after.seq());
    if (byFinish()) {
      values.put("finishedAfter", after.finished());
      range.add("finished_at <= :finishedAfter");
      range.add("(finished_at < :finishedAfter or seq < :after)");
    } else {
      range.add(order == JobOrder.OLDEST_FIRST ? "seq > :after" : "seq < :after");
    }
  }

  private static @Nullable Long micros(@Nullable Instant time) {
    return time == null ? null : Micros.notBefore(time);
  }

  private void add(List<String> conditions, String condition, String name, @Nullable Object value) {
    if (value != null) {
      conditions.add(condition);
    }
    add(values, name, value);
  }

  private static void add(
      Map<String, @Nullable Object> values, String name, @Nullable Object value) {
    if (value != null) {
      values.put(name, value);
    }
  }

  /** Whether the list goes by the times at which jobs finished. */
  boolean byFinish() {
    return order == JobOrder.LAST_FINISHED_FIRST;
  }

  boolean ofOneQueue() {
    return filter.queue() != null;
  }

  /** The parts of a queue in which there may be such jobs, each as a condition. */
  List<String> parts() {
    return states().stream()
        .map(state -> state.isFinished() ? outcome(state) : NOT_FINISHED)
        .distinct()
        .toList();
  }

  private static String outcome(JobState state) {
    return "outcome = {" + state + "}";
  }

  /** The states in which the jobs may have finished. */
  List<JobState> finishedStates() {
    return states().stream().filter(JobState::isFinished).toList();
  }

  private List<JobState> states() {
    return filter.states().isEmpty()
        ? List.of(JobState.values())
        : filter.states().stream().sorted().toList();
  }

  /** What makes the jobs begin behind the last page, and within the times of the filter. */
  String range() {
    return all(range);
  }

  /** What has to be true of a row in one of the parts. */
  String ofRowsInParts() {
    List<String> conditions = new ArrayList<>(ofRows);
    if (!isAllOrNoneOf(UNFINISHED)) {
      conditions.add(inStates());
    }
    return all(conditions);
  }

  private boolean isAllOrNoneOf(Set<JobState> some) {
    return states().containsAll(some) || Collections.disjoint(states(), some);
  }

  private String inStates() {
    return states().stream()
        .map(state -> "{" + state + "}")
        .collect(Collectors.joining(", ", "{state} in (", ")"));
  }

  /**
   * How to find the places in the order of enqueueing without the parts: along the table, or by the
   * entries of an index if these are few beside many jobs that are done.
   */
  String index() {
    return alongTable() ? "{by_seq}" : isWaitingOrHeld() ? "{use lease_job_ready}" : FINISHED;
  }

  private boolean isWaitingOrHeld() {
    return parts().equals(List.of(NOT_FINISHED));
  }

  /** Whether the order of enqueueing is found along the table, over the jobs of all queues. */
  boolean alongTable() {
    boolean few = !parts().contains(NOT_FINISHED) && !parts().contains(outcome(JobState.DONE));
    return !ofOneQueue() || !(few || isWaitingOrHeld());
  }

  /** The same, with the conditions that choose the entries. */
  String rangeOfIndex() {
    List<String> conditions = new ArrayList<>(range);
    if (!alongTable()) {
      conditions.add("queue = :queue");
      conditions.add(ofHalf());
    }
    return all(conditions);
  }

  /** From the states alone a planner cannot tell which half of the table to leave out. */
  private String ofHalf() {
    if (isWaitingOrHeld()) {
      return "{unfinished}";
    }
    return parts().contains(NOT_FINISHED)
        ? "{present}"
        : finishedStates().stream()
            .map(state -> "{" + state + "}")
            .collect(Collectors.joining(", ", "outcome in (", ")"));
  }

  /** What has to be true of a row that was found so. */
  String ofRowsByIndex() {
    if (!alongTable()) {
      return ofRowsInParts();
    }
    List<String> conditions = new ArrayList<>(ofRows);
    conditions.add("{present}");
    if (!filter.states().isEmpty()) {
      conditions.add(inStates());
    }
    if (ofOneQueue()) {
      conditions.add("queue = :queue");
    }
    return all(conditions);
  }

  /** All conditions, for a count, which needs no order. */
  String ofAll() {
    List<String> conditions = new ArrayList<>(ofRows);
    conditions.add(ofHalf());
    // Otherwise the half says it, and the entries of an index are enough.
    boolean isMixed = parts().contains(NOT_FINISHED) && !finishedStates().isEmpty();
    if (!isAllOrNoneOf(UNFINISHED) || (isMixed && !filter.states().isEmpty())) {
      conditions.add(inStates());
    }
    if (ofOneQueue()) {
      conditions.add("queue = :queue");
    }
    return all(conditions);
  }

  /** How to find the jobs for a count. */
  String indexOfAll() {
    if (!ofOneQueue()) {
      return "{by_seq}";
    }
    if (isWaitingOrHeld()) {
      return "{use lease_job_ready}";
    }
    // For both halves of the table the database finds an index by itself, since there is no order.
    return parts().contains(NOT_FINISHED) ? "" : FINISHED;
  }

  private static String all(List<String> conditions) {
    return conditions.isEmpty() ? "{true}" : String.join("\n  and ", conditions);
  }

  Map<String, @Nullable Object> values() {
    return values;
  }
}
