package dev.lease.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names a queue, where an id alone may not be enough. */
class QueueOption {

  @Option(names = "--queue", paramLabel = "QUEUE", description = "only in this queue")
  private @Nullable String queue;

  @Nullable String queue() {
    return queue;
  }
}
