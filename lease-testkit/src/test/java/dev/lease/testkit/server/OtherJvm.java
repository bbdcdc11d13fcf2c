package dev.lease.testkit.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Another JVM that uses a test server. */
final class OtherJvm {

  private final Process process;
  private final String url;

  OtherJvm(ServerKind kind, String variable, String value) throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            OtherJvm.class.getName(),
            kind.name());
    builder.environment().keySet().removeIf(name -> name.startsWith("LEASE_TEST_"));
    builder.environment().put(variable, value);
    process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    url =
        process
            .inputReader()
            .lines()
            .filter(line -> line.matches("(jdbc|redis):.*"))
            .findFirst()
            .orElseThrow();
  }

  public static void main(String[] args) throws IOException {
    System.out.println(
        switch (args[0]) {
          case "PostgreSQL" -> TestServers.postgresql().newDatabase();
          case "MariaDB" -> TestServers.mariadb().newDatabase();
          default -> TestServers.redis();
        });
    System.in.read(); // blocks until the end of the input
  }

  String url() {
    return url;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Lets the JVM exit normally. */
  void end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      kill();
      throw new IllegalStateException("the other JVM did not end");
    }
  }
}
