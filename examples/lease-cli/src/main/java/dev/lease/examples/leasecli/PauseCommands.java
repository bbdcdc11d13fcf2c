package dev.lease.examples.leasecli;

import dev.lease.QueueCounts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Pauses queues, and resumes them. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
abstract class PauseCommands extends ActingCommand {

  @Parameters(paramLabel = "QUEUE", arity = "1..*", description = "the queues")
  private List<String> queues;

  @Command(
      name = "pause",
      description = "Keeps workers from taking jobs of queues; jobs that run go on.")
  static final class Pause extends PauseCommands {
    @Override
    String change(OpenStore store, String queue, Optional<QueueCounts> before) {
      store.admin().pause(queue);
      return before.isPresent() ? "is paused" : "is paused, and has no jobs: check its name";
    }
  }

  @Command(name = "resume", description = "Lets workers take jobs of paused queues again.")
  static final class Resume extends PauseCommands {
    @Override
    String change(OpenStore store, String queue, Optional<QueueCounts> before) {
      store.admin().resume(queue);
      return before.isPresent() && before.get().paused() ? "is no longer paused" : "was not paused";
    }
  }

  /** Pauses or resumes a queue; answers what is so now. */
  abstract String change(OpenStore store, String queue, Optional<QueueCounts> before);

  @Override
  boolean run(OpenStore store, Output out) {
    List<QueueCounts> known = store.admin().counts().queues();
    for (String queue : queues) {
      String answer =
          change(
              store,
              queue,
              known.stream().filter(counts -> counts.queue().equals(queue)).findFirst());
      out.say("Queue " + queue + " " + answer + ".");
      if (out.isJson()) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("queue", queue);
        document.put("answer", answer);
        out.json(document);
      }
    }
    return true;
  }
}
