package dev.lease.console.pages;

import dev.lease.JobFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of the form that filters jobs. Empty is no condition.
 *
 * @param queue the queue
 * @param state the state
 * @param type the type
 * @param key the key
 * @param id how the id begins
 * @param error what the error contains
 * @param since enqueued since then
 * @param until enqueued before then
 * @param finishedSince finished since then
 * @param finishedUntil finished before then
 * @param worker who holds the job
 * @param dueSince due since then
 * @param dueUntil due before then
 * @param payload what the payload contains
 */
public record FilterFields(
    String queue,
    String state,
    String type,
    String key,
    String id,
    String error,
    String since,
    String until,
    String finishedSince,
    String finishedUntil,
    String worker,
    String dueSince,
    String dueUntil,
    String payload) {

  /**
   * The fields of a filter of at most one state.
   *
   * @param filter the filter
   * @return its fields
   */
  public static FilterFields of(JobFilter filter) {
    return of(filter, Sieve.OPEN);
  }

  /**
   * The fields of a filter of at most one state, and of what the console looks for by itself.
   *
   * @param filter the filter
   * @param sieve the other conditions
   * @return their fields
   */
  public static FilterFields of(JobFilter filter, Sieve sieve) {
    return new FilterFields(
        text(filter.queue()),
        text(filter.states().stream().findFirst().orElse(null)),
        text(filter.type()),
        text(filter.key()),
        text(filter.idPrefix()),
        text(filter.errorText() == null ? sieve.error() : filter.errorText()),
        text(filter.createdFrom()),
        text(filter.createdBefore()),
        text(filter.finishedFrom()),
        text(filter.finishedBefore()),
        text(sieve.worker()),
        text(sieve.dueFrom()),
        text(sieve.dueBefore()),
        text(sieve.payload()));
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  /**
   * The parameters of a link to what the filter finds.
   *
   * @param more further names and values in turn
   * @return names and values in turn
   */
  public @Nullable String[] params(@Nullable String... more) {
    List<@Nullable String> all = new ArrayList<>();
    // A page without a state shows what has failed.
    all.addAll(List.of("state", state.isEmpty() ? "any" : state));
    all.addAll(List.of("queue", queue, "type", type, "key", key, "id", id, "error", error));
    all.addAll(List.of("since", since, "until", until));
    all.addAll(List.of("finishedSince", finishedSince, "finishedUntil", finishedUntil));
    all.addAll(List.of("worker", worker, "payload", payload));
    all.addAll(List.of("dueSince", dueSince, "dueUntil", dueUntil));
    for (String each : more) {
      all.add(each);
    }
    return all.toArray(new String[0]);
  }
}
