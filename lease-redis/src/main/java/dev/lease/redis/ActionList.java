package dev.lease.redis;

import dev.lease.ActionPage;
import dev.lease.Micros;
import dev.lease.OperatorAction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of what operators did. Each queue has its own, in the order of their times; for
 * all queues the newest of each are merged.
 *
 * @param id only those of this job; empty for all
 * @param limit the most records of a page
 */
record ActionList(ScriptRunner runner, QueueNames queues, String id, int limit) {

  /** The most queues that a trip to the server is about. */
  private static final int QUEUES_AT_ONCE = 500;

  private static final Comparator<OperatorAction> NEWEST_FIRST =
      Comparator.comparing(OperatorAction::at)
          .reversed()
          .thenComparing(OperatorAction::queue, QueueNames.UTF8_ORDER);

  /** The last record of a page. No other record of its queue has its time. */
  record Cursor(long at, String queue) {

    static @Nullable Cursor of(@Nullable String text) {
      if (text == null) {
        return null;
      }
      try {
        int blank = text.indexOf(' ');
        return new Cursor(Long.parseLong(text.substring(0, blank)), text.substring(blank + 1));
      } catch (RuntimeException e) {
        throw new IllegalArgumentException(
            "after must come from a page of this store, was " + text, e);
      }
    }

    String text() {
      return at + " " + queue;
    }

    /** The latest time of what comes behind this in a queue. */
    long latestIn(String other) {
      return QueueNames.UTF8_ORDER.compare(other, queue) > 0 ? at : at - 1;
    }
  }

  ActionPage page(@Nullable String queue, @Nullable Cursor from) {
    List<OperatorAction> found = new ArrayList<>();
    List<String> names = queue == null ? queues.names() : List.of(queue);
    for (int done = 0; done < names.size(); done += QUEUES_AT_ONCE) {
      read(names.subList(done, Math.min(done + QUEUES_AT_ONCE, names.size())), from, found);
      found.sort(NEWEST_FIRST);
      found.subList(Math.min(limit + 1, found.size()), found.size()).clear();
    }
    if (found.size() <= limit) {
      return ActionPage.of(found, null);
    }
    OperatorAction last = found.get(limit - 1);
    return ActionPage.of(
        found.subList(0, limit), new Cursor(Micros.of(last.at()), last.queue()).text());
  }

  private void read(List<String> some, @Nullable Cursor from, List<OperatorAction> found) {
    List<ScriptCall> calls = new ArrayList<>();
    for (String queue : some) {
      String latest = from == null ? "+inf" : Long.toString(from.latestIn(queue));
      calls.add(runner.onQueue(queue, Script.ACTIONS, latest, id, limit + 1));
    }
    List<Reply> replies = runner.run("list actions", calls);
    for (int i = 0; i < some.size(); i++) {
      Reply reply = replies.get(i);
      while (reply.hasMore()) {
        found.add(JobCodec.action(some.get(i), reply.number(), reply.text()));
      }
    }
  }
}
