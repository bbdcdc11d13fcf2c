package dev.lease.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.Job;
import dev.lease.JobChange;
import dev.lease.examples.shared.Texts;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes jobs that wait. */
@Command(name = "change", description = "Changes jobs that wait. What no option names stays.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class ChangeCommand extends ActingCommand {

  private static final int LONGEST_SHOWN = 500;

  @Parameters(paramLabel = "JOB", arity = "1..*", description = "the ids of the jobs")
  private List<String> ids;

  @Mixin private QueueOption queue;

  @Option(
      names = "--due",
      paramLabel = "TIME",
      description = "when it can next be claimed: now, 5m from now, or 2026-11-27T03:00:00Z")
  private @Nullable Moment due;

  @Option(names = "--priority", paramLabel = "N", description = "0 to 9; 9 goes first")
  private @Nullable Integer priority;

  @Option(names = "--crashes", paramLabel = "N", description = "how often it may still crash")
  private @Nullable Integer crashes;

  @Option(names = "--failures", paramLabel = "N", description = "how often it may still fail")
  private @Nullable Integer failures;

  @Option(
      names = "--not-after",
      paramLabel = "TIME",
      description = "its deadline, after which no attempt begins, in the form of --due")
  private @Nullable Moment notAfter;

  @Option(
      names = "--payload",
      paramLabel = "TEXT",
      description = "its payload as it is stored; - reads it from the standard input")
  private @Nullable String payload;

  @Override
  void check() {
    if (Stream.of(due, priority, crashes, failures, notAfter, payload).allMatch(Objects::isNull)) {
      throw new IllegalArgumentException(
          "what is to change? Give --due, --priority, --crashes, --failures, --not-after or --payload");
    }
  }

  @Override
  boolean run(OpenStore store, Output out) throws IOException {
    JobChange change = change();
    return NamedJobs.each(
        store,
        ids,
        queue.queue(),
        out,
        job ->
            spoils(job, change.payload())
                ? new NamedJobs.Answer(
                    false,
                    "stays as it is: its payload is a JSON object, array or string, and the new one is not; it has %s, and was to get %s; mend the new one"
                        .formatted(
                            Texts.cut(job.payload(), LONGEST_SHOWN),
                            Texts.cut(change.payload(), LONGEST_SHOWN)))
                : Changes.make(store.admin(), job, change, "is changed"));
  }

  /** A payload that no worker can read is handed back for a day, and only then FAILED. */
  private static boolean spoils(Job job, @Nullable String payload) {
    return payload != null && Output.isJson(job.payload()) && !Output.isJson(payload);
  }

  private JobChange change() throws IOException {
    JobChange.Builder change = JobChange.builder();
    if (due != null) {
      change.due(due.due());
    }
    if (priority != null) {
      change.priority(priority);
    }
    if (crashes != null) {
      change.crashesLeft(crashes);
    }
    if (failures != null) {
      change.failuresLeft(failures);
    }
    if (notAfter != null) {
      change.notAfter(notAfter.due());
    }
    if (payload != null) {
      change.payload(payload.equals("-") ? new String(System.in.readAllBytes(), UTF_8) : payload);
    }
    return change.build();
  }
}
