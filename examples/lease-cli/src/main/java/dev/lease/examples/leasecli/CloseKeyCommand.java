package dev.lease.examples.leasecli;

import dev.lease.Limits;
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
        time.isZero()
            ? "Key %s of queue %s is open.".formatted(key, queue())
            : "No job of key %s of queue %s starts for %s."
                .formatted(key, queue(), Durations.shown(time)));
    if (out.isJson()) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("queue", queue());
      document.put("key", key);
      document.put("closedFor", time.toString());
      out.json(document);
    }
  }
}
