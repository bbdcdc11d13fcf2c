package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.examples.shared.Table;
import dev.lease.examples.shared.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists jobs. */
@Command(name = "jobs", description = "Lists jobs, the newest first.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class JobsCommand extends StoreCommand {

  private static final int ERROR = 70;

  @Mixin private FilterOptions filter;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "the most jobs that are listed (${DEFAULT-VALUE})")
  private int limit;

  @Option(names = "--oldest-first", description = "list the oldest first")
  private boolean oldestFirst;

  @Override
  void check() {
    if (limit < 1) {
      throw new IllegalArgumentException("--limit must be 1 or more, was " + limit);
    }
  }

  @Override
  boolean run(OpenStore store, Output out) {
    List<Job> jobs = new ArrayList<>();
    JobOrder order = oldestFirst ? JobOrder.OLDEST_FIRST : JobOrder.NEWEST_FIRST;
    JobQuery query =
        JobQuery.of(filter.filter(store, Set.of()))
            .order(order)
            .limit(Math.min(limit, OpenStore.PAGE - 1) + 1);
    store.read(
        out.isJson() ? query : query.brief(),
        job -> {
          jobs.add(job);
          return jobs.size() <= limit;
        });
    List<Job> listed = jobs.subList(0, Math.min(limit, jobs.size()));
    if (out.isJson()) {
      listed.forEach(job -> out.json(Documents.of(job)));
    } else {
      print(listed, out);
    }
    if (jobs.size() > limit) {
      out.say("More jobs match: narrow the filter, or raise --limit (" + limit + ").");
    }
    return !jobs.isEmpty();
  }

  private static void print(List<Job> jobs, Output out) {
    Table table =
        new Table("JOB", "QUEUE", "TYPE", "STATE", "ATTEMPTS", "AGE", "NOW", "ERROR")
            .texts("NOW", "ERROR");
    for (Job job : jobs) {
      table.row(
          job.id(),
          job.queue(),
          job.type(),
          job.state(),
          JobText.attempts(job),
          JobText.age(job),
          JobText.situation(job),
          Texts.error(job.error(), ERROR));
    }
    out.table(table);
  }
}
