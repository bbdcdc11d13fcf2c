package dev.lease.examples.orderbot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** This program in another process, which ends with this one. */
final class Program {

  private static final long PATIENCE_SECONDS = 10;

  private Program() {}

  static ProcessBuilder of(Class<?> main, List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // A short life needs no optimising compiler, and starts sooner without.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(args);
    command.addAll(List.of("--parent", Long.toString(ProcessHandle.current().pid())));
    return new ProcessBuilder(command);
  }

  /** Waits until a process that was asked to end has ended, and makes it. */
  static void end(Process process) {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
