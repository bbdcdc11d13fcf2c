package dev.lease.examples.orderbot;

import picocli.CommandLine.Option;

/** Ends a process with the one that started it, even if that was killed. */
final class ParentOption {

  @Option(names = "--parent", paramLabel = "PID", hidden = true)
  private void parent(long pid) {
    ProcessHandle.of(pid).ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(1)));
  }
}
