package dev.lease.testkit.server;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Kills a server and removes its directory when this JVM ends, even if it is killed. A shell reads
 * from a pipe that this JVM holds open; when the pipe closes, the shell does the work. Not for
 * Windows.
 */
final class EndWithJvm {

  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      server=
      while read -r line; do server=$line; done
      [ -z "$server" ] || kill -9 "$server"
      for pause in 0.1 1 10; do
        rm -rf "$0" && break
        sleep $pause # the dying server may still write files
      done
      """;

  private final Process shell;
  private final OutputStream input;

  EndWithJvm(Path directory) throws IOException {
    shell =
        new ProcessBuilder("sh", "-c", SCRIPT, directory.toString())
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    input = shell.getOutputStream();
  }

  /** Sets the process to kill, instead of the previous one. */
  void kill(long pid) throws IOException {
    tell(Long.toString(pid));
  }

  /** The server has ended, and its process id may soon belong to another process. */
  void killNothing() throws IOException {
    tell("");
  }

  /** Does at once what the end of the JVM would do. */
  void end() throws IOException, InterruptedException {
    input.close();
    shell.waitFor();
  }

  private void tell(String line) throws IOException {
    input.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    input.flush();
  }
}
