package dev.lease.examples.orderbot;

import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Option;

/** Ends a process with the one that started it, even if that was killed. */
public final class ParentOption {

  @Option(names = "--parent", paramLabel = "PID", hidden = true)
  void parent(long pid) {
    ProcessHandle.of(pid).ifPresent(ParentOption::endWith);
  }

  private static void endWith(ProcessHandle parent) {
    CompletableFuture<Void> unused = parent.onExit().thenRun(() -> System.exit(1));
  }
}
