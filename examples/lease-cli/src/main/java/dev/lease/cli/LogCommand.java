package dev.lease.cli;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.OperatorAction;
import dev.lease.examples.shared.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what operators did. */
@Command(
    name = "log",
    description = {
      "Lists what operators did, the newest first: who, what and why.",
      "A change of many jobs has a line for each piece, with its filter."
    })
final class LogCommand extends StoreCommand {

  private static final int PAGE = 200;

  @Parameters(paramLabel = "QUEUE", arity = "0..1", description = "only in this queue")
  private @Nullable String queue;

  @Option(
      names = "--job",
      paramLabel = "ID",
      description = "only on this job of the queue, which may be gone")
  private @Nullable String job;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "the most acts that are listed (${DEFAULT-VALUE})")
  private int limit;

  @Override
  void check() {
    if (limit < 1) {
      throw new IllegalArgumentException("--limit must be 1 or more, was " + limit);
    }
    if (job != null && queue == null) {
      throw new IllegalArgumentException(
          "--job needs the queue of the job: lease log QUEUE --job ID");
    }
  }

  @Override
  boolean run(OpenStore store, Output out) {
    List<OperatorAction> actions = new ArrayList<>();
    ActionQuery query =
        queue == null
            ? ActionQuery.all()
            : job == null ? ActionQuery.inQueue(queue) : ActionQuery.ofJob(queue, job);
    String after = null;
    do {
      ActionPage page = store.admin().actions(query.after(after).limit(PAGE));
      actions.addAll(page.actions());
      after = page.next();
    } while (after != null && actions.size() <= limit);
    List<OperatorAction> listed = actions.subList(0, Math.min(limit, actions.size()));
    if (out.isJson()) {
      listed.forEach(action -> out.json(Documents.of(action)));
    } else {
      print(listed, out);
    }
    if (actions.size() > limit) {
      out.say("There are more: name a queue, or raise --limit (" + limit + ").");
    }
    return !actions.isEmpty();
  }

  private static void print(List<OperatorAction> actions, Output out) {
    Table table =
        new Table("AT", "BY", "DID", "QUEUE", "JOB", "JOBS", "WHAT", "WHY").texts("WHAT", "WHY");
    for (OperatorAction action : actions) {
      table.row(
          JobText.seconds(action.at()),
          action.operator().name(),
          action.kind(),
          action.queue(),
          Objects.requireNonNullElse(action.id(), "-"),
          action.changed(),
          orDash(action.what()),
          orDash(action.operator().reason()));
    }
    out.table(table);
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }
}
