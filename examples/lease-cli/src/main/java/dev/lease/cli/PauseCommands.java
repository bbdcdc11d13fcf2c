package dev.lease.cli;

import dev.lease.QueueCounts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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

    @Option(names = "--yes", description = "also queues without jobs, whose names may be misspelt")
    private boolean yes;

    @Override
    NamedJobs.Answer change(OpenStore store, String queue, Optional<QueueCounts> before) {
      if (before.isEmpty() && !yes) {
        return new NamedJobs.Answer(false, "is not paused: check its name, or add --yes");
      }
      store.admin().pause(queue);
      return new NamedJobs.Answer(true, "is paused");
    }
  }

  @Command(name = "resume", description = "Lets workers take jobs of paused queues again.")
  static final class Resume extends PauseCommands {
    @Override
    NamedJobs.Answer change(OpenStore store, String queue, Optional<QueueCounts> before) {
      if (before.isEmpty()) {
        return new NamedJobs.Answer(false, "is not paused: check its name");
      }
      store.admin().resume(queue);
      return new NamedJobs.Answer(
          true, before.get().paused() ? "is no longer paused" : "was not paused");
    }
  }

  /** Pauses or resumes a queue; answers what is so now. */
  abstract NamedJobs.Answer change(OpenStore store, String queue, Optional<QueueCounts> before);

  @Override
  boolean run(OpenStore store, Output out) {
    boolean all = true;
    List<QueueCounts> known = store.admin().counts().queues();
    for (String queue : queues) {
      NamedJobs.Answer answer =
          change(
              store,
              queue,
              known.stream().filter(counts -> counts.queue().equals(queue)).findFirst());
      all &= answer.done();
      out.say("Queue " + queue + " " + answer.words() + ".");
      if (out.isJson()) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("queue", queue);
        document.put("answer", answer.words());
        out.json(document);
      }
    }
    return all;
  }
}
