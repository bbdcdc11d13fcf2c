package dev.lease.cli;

import dev.lease.KeyState;
import dev.lease.Limits;
import dev.lease.examples.shared.Durations;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Closes a key for a time. */
@Command(
    name = "close-key",
    description = {
      "Keeps jobs of a key from starting for a time; those that run go on.",
      "--for=0s opens it for what gets its slot from now on."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class CloseKeyCommand extends KeyCommand {

  @Parameters(index = "1", paramLabel = "KEY", description = "the key")
  private String key;

  @Option(names = "--for", required = true, paramLabel = "TIME", description = "for how long: 10m")
  private Duration time;

  @Override
  void check() {
    Limits.name("KEY", key);
    Limits.delay("--for", time);
  }

  @Override
  String key() {
    return key;
  }

  @Override
  @Nullable String slip(OpenStore store) {
    return unknown(store, "closed");
  }

  @Override
  void change(OpenStore store, Output out) {
    store.admission().closeKey(queue(), key, time);
    out.say(
        (time.isZero()
                ? "Key %s of queue %s is open for jobs that get their slot from now on."
                : "No job of key %s of queue %s starts for %s.")
            .formatted(key, queue(), Durations.shown(time)));
    if (time.isZero()) {
      store.key(queue(), key).ifPresent(state -> sayWhoKeepsTheirTime(state, out));
    }
    if (out.isJson()) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("queue", queue());
      document.put("key", key);
      document.put("closedFor", time.toString());
      out.json(document);
    }
  }

  private static void sayWhoKeepsTheirTime(KeyState state, Output out) {
    long waiting = state.admitted() - state.held();
    if (waiting > 0) {
      out.say(
          (waiting == 1
                  ? "1 job that waits has its slot"
                  : waiting + " jobs that wait have their slots")
              + " already, and "
              + (waiting == 1 ? "keeps its time" : "keep their times")
              + ": see lease jobs --key.");
    }
  }
}
