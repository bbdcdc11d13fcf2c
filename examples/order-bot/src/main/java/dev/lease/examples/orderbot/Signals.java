package dev.lease.examples.orderbot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Signals for which Java has no call. */
public final class Signals {

  /** The state after the name of a thread, in /proc. */
  private static final Pattern STOPPED = Pattern.compile("\\) T [^)]*$");

  private Signals() {}

  /** Suspends a process with SIGSTOP. When this returns, none of its threads runs any more. */
  public static void stop(Process process) throws IOException, InterruptedException {
    send("STOP", process.pid());
    Path threads = Path.of("/proc", "" + process.pid(), "task");
    // Linux shows the state of each thread. On other systems they stop soon.
    while (Files.isDirectory(threads) && !areStopped(threads)) {
      Thread.sleep(1);
    }
  }

  /** Resumes a suspended process. */
  public static void go(Process process) throws IOException, InterruptedException {
    send("CONT", process.pid());
  }

  static void send(String signal, long pid) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + pid).start();
    if (kill.waitFor() != 0) {
      throw new IOException("could not send SIG" + signal + " to process " + pid);
    }
  }

  private static boolean areStopped(Path threads) throws IOException {
    try (Stream<Path> each = Files.list(threads)) {
      return each.allMatch(thread -> STOPPED.matcher(stat(thread)).find());
    }
  }

  private static String stat(Path thread) {
    try {
      return Files.readString(thread.resolve("stat"));
    } catch (IOException e) {
      // The thread has ended.
      return "";
    }
  }
}
