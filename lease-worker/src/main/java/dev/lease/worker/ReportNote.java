package dev.lease.worker;

import dev.lease.Limits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The report of a worker as its lease has it, in JSON. Each part may be missing in the report of
 * another version, and has its type for ever.
 *
 * @param host the name of the machine
 * @param pid the number of the process
 * @param version the version of Lease
 * @param startedAt when the worker started, in milliseconds since 1970
 * @param status the health in a word
 * @param reasons why it is not UP
 * @param slots how many handlers run at once, at most
 * @param allQueues how many queues the worker has, also those that are left out here
 * @param active how many handlers run, of all queues
 * @param waiting how many jobs are claimed ahead, of all queues
 * @param stuck how many handlers are stuck, of all queues
 * @param minute the newest minute of the queues, since 1970
 * @param queues the queues
 * @param stuckJobs some of the jobs whose handlers are stuck
 */
record ReportNote(
    @Nullable String host,
    @Nullable Long pid,
    @Nullable String version,
    @Nullable Long startedAt,
    @Nullable String status,
    @Nullable List<String> reasons,
    @Nullable Integer slots,
    @Nullable Integer allQueues,
    @Nullable Integer active,
    @Nullable Integer waiting,
    @Nullable Integer stuck,
    @Nullable Long minute,
    @Nullable List<Queue> queues,
    @Nullable List<Stuck> stuckJobs) {

  /**
   * A queue.
   *
   * @param claimed how long ago the store answered a claim, in milliseconds; null if never
   * @param minutes as {@link Rates#minutes} has them
   */
  record Queue(
      @Nullable String name,
      @Nullable Integer slots,
      @Nullable Integer active,
      @Nullable Integer waiting,
      @Nullable Integer stuck,
      @Nullable Long claimed,
      @Nullable List<List<Long>> minutes) {

    private Queue cut(int most) {
      return minutes == null || minutes.size() <= most
          ? this
          : new Queue(name, slots, active, waiting, stuck, claimed, minutes.subList(0, most));
    }
  }

  /**
   * A job whose handler is stuck.
   *
   * @param since when the handler was called, in milliseconds since 1970
   * @param place where it hung when it was found stuck
   */
  record Stuck(
      @Nullable String queue,
      @Nullable String id,
      @Nullable String type,
      @Nullable Long since,
      @Nullable String place) {}

  private static final JsonMapper JSON = new JsonMapper();

  /** The text, with as many minutes, then queues, then stuck jobs, as fit into a note. */
  String text() {
    int mostMinutes = Rates.MINUTES;
    int mostQueues = queues == null ? 0 : queues.size();
    int mostStuck = stuckJobs == null ? 0 : stuckJobs.size();
    while (true) {
      String text = JSON.writeValueAsString(cut(mostQueues, mostMinutes, mostStuck));
      if (text.getBytes(StandardCharsets.UTF_8).length <= Limits.MAX_NOTE_BYTES
          || mostQueues + mostStuck == 0) {
        return text;
      }
      if (mostMinutes > 0) {
        mostMinutes -= 5;
      } else if (mostQueues > 0) {
        mostQueues /= 2;
      } else {
        mostStuck /= 2;
      }
    }
  }

  private ReportNote cut(int mostQueues, int mostMinutes, int mostStuck) {
    List<Queue> some =
        queues == null
            ? null
            : queues.stream().limit(mostQueues).map(queue -> queue.cut(mostMinutes)).toList();
    return new ReportNote(
        host,
        pid,
        version,
        startedAt,
        status,
        reasons,
        slots,
        allQueues,
        active,
        waiting,
        stuck,
        minute,
        some,
        stuckJobs == null ? null : stuckJobs.stream().limit(mostStuck).toList());
  }

  /** Reads a text; empty if it is not one of these. */
  static Optional<ReportNote> read(@Nullable String text) {
    try {
      return text == null
          ? Optional.empty()
          : Optional.ofNullable(JSON.readValue(text, ReportNote.class));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
