package dev.lease.examples.orderbot;

import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Option;

/** Ends a process when its parent ends, even if the parent was killed. */
public final class ParentOption {

  @Option(names = "--parent", paramLabel = "PID", hidden = true)
  void parent(long pid) {
    ProcessHandle.of(pid).ifPresent(ParentOption::endWith);
  }

  private static void endWith(ProcessHandle parent) {
    CompletableFuture<Void> unused = parent.onExit().thenRun(() -> System.exit(1));
  }
}
