package dev.lease.examples.orderbot;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** This program in another process, which ends when this one ends. */
public final class Program {

  private static final long PATIENCE_SECONDS = 60;

  /** Where SQLite's driver unpacks its library: a killed process does not remove it. */
  private static final File TEMPORARY = temporary();

  private Program() {}

  private static File temporary() {
    try {
      File directory = Files.createTempDirectory("order-bot-").toFile();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(File directory) {
    File[] files = directory.listFiles();
    for (File file : files == null ? new File[0] : files) {
      file.delete();
    }
    directory.delete();
  }

  /**
   * Prepares another process, which needs a {@link ParentOption}.
   *
   * @param main the main class
   * @param args its arguments
   * @return the process, to be started
   */
  public static ProcessBuilder of(Class<?> main, List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // A short-lived process starts sooner without the optimising compiler.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
    // SQLite's driver loads a native library.
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Djava.io.tmpdir=" + TEMPORARY);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(args);
    command.addAll(List.of("--parent", Long.toString(ProcessHandle.current().pid())));
    return new ProcessBuilder(command);
  }

  /** Waits until a process that was asked to end has ended; kills it after a minute. */
  public static void end(Process process) {
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
