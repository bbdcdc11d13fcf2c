package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.examples.shared.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Follows what happens. */
@Command(
    name = "tail",
    description = {
      "Prints a line for each job that begins, is retried, or finishes, until Ctrl-C.",
      "It looks at the jobs that are held, and at the newest 200. Older ones that begin and finish"
          + " between two looks are not seen."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class TailCommand extends StoreCommand {

  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final int MOST_HELD = 1_000;

  @Mixin private QueueOption queue;

  @Option(names = "--type", paramLabel = "TYPE", description = "only of this type")
  private @Nullable String type;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      defaultValue = "1s",
      description = "how often it looks (${DEFAULT-VALUE})")
  private Duration every;

  @Override
  void check() {
    if (every.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException(
          "--every must be 100ms or more, was " + every.toMillis() + "ms");
    }
  }

  @Override
  boolean run(OpenStore store, Output out) throws InterruptedException {
    JobFilter filter = JobFilter.all();
    if (queue.queue() != null) {
      filter = filter.inQueue(queue.queue());
    }
    if (type != null) {
      filter = filter.ofType(type);
    }
    Tail tail = new Tail();
    // Nobody reads any more if a pipe was closed, as by head.
    while (!out.to().checkError()) {
      Instant now = store.now();
      tail.look(now, jobs(store, filter, out), job -> store.queue().find(job.queue(), job.id()))
          .forEach(event -> print(event, out));
      Thread.sleep(every.toMillis());
    }
    return true;
  }

  /** The newest jobs, and those that are held. A line shows no payload, and those may be large. */
  static List<Job> jobs(OpenStore store, JobFilter filter, Output out) {
    JobQuery newest = JobQuery.of(filter).order(JobOrder.NEWEST_FIRST).limit(OpenStore.PAGE);
    JobQuery held = JobQuery.of(filter.inState(JobState.PROCESSING)).limit(OpenStore.PAGE);
    List<Job> jobs =
        new ArrayList<>(store.admin().list(out.isJson() ? newest : newest.brief()).jobs());
    int most = jobs.size() + MOST_HELD;
    store.read(
        out.isJson() ? held : held.brief(),
        job -> {
          jobs.add(job);
          return jobs.size() < most;
        });
    return jobs;
  }

  private static void print(Tail.Event event, Output out) {
    Job job = event.job();
    if (out.isJson()) {
      Map<String, @Nullable Object> document = new LinkedHashMap<>();
      document.put("at", event.at().toString());
      document.put("event", event.what());
      document.put("job", Documents.of(job));
      out.json(document);
      return;
    }
    String note =
        switch (event.what()) {
          case "runs", "begins" -> JobText.situation(job);
          case "retries" -> JobText.situation(job) + ": " + Texts.error(job.error(), 80);
          case "failed" -> Texts.error(job.error(), 80);
          default -> "";
        };
    out.sayCut(
        "%s  %-9s  %s  %s  %s  attempt %s  %s"
            .formatted(
                JobText.seconds(event.at()),
                event.what().toUpperCase(Locale.ROOT),
                job.id(),
                job.queue(),
                job.type(),
                JobText.attempts(job),
                note)
            .stripTrailing());
  }
}
