package dev.lease.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes what holds for keys of a queue, unless that looks like a slip. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
abstract class KeyCommand extends StoreCommand {

  @Parameters(index = "0", paramLabel = "QUEUE", description = "the queue")
  private String queue;

  @Option(
      names = "--yes",
      description = "do it also where a name may be misspelt, or --key may be forgotten")
  private boolean yes;

  String queue() {
    return queue;
  }

  /** The key; null for every key that has no limit of its own. */
  abstract @Nullable String key();

  /** Says why the change may be a slip, or null if it does not look so. */
  abstract @Nullable String slip(OpenStore store);

  /** Makes the change, and tells of it. */
  abstract void change(OpenStore store, Output out);

  @Override
  final boolean run(OpenStore store, Output out) {
    String slip = yes ? null : slip(store);
    if (slip == null) {
      change(store, out);
      return true;
    }
    out.say(slip);
    if (out.isJson()) {
      Map<String, @Nullable Object> document = new LinkedHashMap<>();
      document.put("queue", queue);
      document.put("key", key());
      document.put("answer", slip);
      out.json(document);
    }
    return false;
  }

  /** The words about a name that the store does not know; null if it knows it. */
  @Nullable String unknown(OpenStore store, String done) {
    String key = key();
    if (key == null) {
      return store.hasJobsOrLimits(queue)
          ? null
          : "Queue %s has no jobs and no limits, so it is not %s: check its name, or add --yes."
              .formatted(queue, done);
    }
    return store.key(queue, key).isPresent()
        ? null
        : "Key %s of queue %s has no unfinished jobs and no limit of its own, so it is not %s: check the names, or add --yes."
            .formatted(key, queue, done);
  }
}
