package dev.lease.cli;

import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Limits;
import dev.lease.examples.shared.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the keys of a queue. */
@Command(
    name = "keys",
    description = {
      "Lists the keys of a queue, with their limits.",
      "HELD BACK are the jobs that are due and have no slot of their key.",
      "NEXT START is set by a rate, or by whoever closed the key."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class KeysCommand extends StoreCommand {

  @Parameters(paramLabel = "QUEUE", description = "the queue")
  private String queue;

  @Option(names = "--full", description = "only keys of which jobs are held back")
  private boolean full;

  @Option(
      names = "--after",
      paramLabel = "KEY",
      description =
          "begin after this key: the last one of the page before; with --json its \"next\"")
  private @Nullable String after;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "the most keys that are listed, 1 to 1000 (${DEFAULT-VALUE})")
  private int limit;

  @Override
  void check() {
    Limits.between("--limit", limit, 1, Limits.MAX_BATCH);
  }

  @Override
  boolean run(OpenStore store, Output out) {
    KeyPage page = store.admission().keys(queue, after, full ? Limits.MAX_BATCH : limit);
    if (out.isJson()) {
      out.json(Documents.of(queue, page));
    }
    KeyText.ofQueue(queue, page).forEach(out::say);
    List<KeyState> keys = new ArrayList<>();
    String next = add(page, keys);
    while (next != null && keys.size() < limit) {
      page = store.admission().keys(queue, next, Limits.MAX_BATCH);
      next = add(page, keys);
    }
    Table table = new Table("KEY", "ADMITTED", "HELD", "HELD BACK", "NEXT START", "LIMIT");
    Instant now = store.now();
    for (KeyState key : keys) {
      if (out.isJson()) {
        out.json(Documents.of(key));
      } else {
        table.row(
            key.key(),
            key.admitted(),
            key.held(),
            key.heldBack(),
            KeyText.until(key.nextStart(), now),
            key.limit() == null ? "-" : KeyText.of(key.limit()));
      }
    }
    if (!out.isJson()) {
      out.table(table);
    }
    if (next != null) {
      sayMore(next, out);
    }
    return !keys.isEmpty();
  }

  /** Adds those of a page that are wanted. Answers after which key the rest begins, or null. */
  private @Nullable String add(KeyPage page, List<KeyState> keys) {
    for (KeyState key : page.keys()) {
      if (keys.size() == limit) {
        return keys.get(limit - 1).key();
      }
      if (!full || key.heldBack() > 0) {
        keys.add(key);
      }
    }
    return page.next();
  }

  private static void sayMore(String last, Output out) {
    if (out.isJson()) {
      out.json(Map.of("next", last));
    } else if (Limits.oneLine(last).equals(last)) {
      out.say("More keys may match: go on with --after='" + last.replace("'", "'\\''") + "'.");
    } else {
      out.say("More keys may match: go on with --after and the last key as --json prints it.");
    }
  }
}
