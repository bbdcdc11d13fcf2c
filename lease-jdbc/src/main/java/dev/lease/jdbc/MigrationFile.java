package dev.lease.jdbc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock file beside an SQLite database while its schema is migrated, because Flyway has no lock
 * for SQLite. Without it, of several processes that open an empty file all succeed as well, but
 * Flyway logs an error in those that were too late.
 */
final class MigrationFile implements Dialect.MigrationTurn {

  private static final Logger log = LoggerFactory.getLogger(MigrationFile.class);

  /** A lock on a file holds for the whole process. */
  private static final ReentrantLock PROCESS = new ReentrantLock();

  private final Path path;
  private @Nullable FileChannel channel;

  private MigrationFile(Path path) {
    this.path = path;
  }

  /** Waits for those that migrate the same database. Without a right to lock it goes on. */
  static MigrationFile lock(Connection connection) throws SQLException {
    var file = new MigrationFile(Path.of(database(connection) + "-migration"));
    PROCESS.lock();
    try {
      file.channel =
          FileChannel.open(file.path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      // The lock ends with the channel.
      var unused = file.channel.lock();
    } catch (IOException | RuntimeException e) {
      // Such as an OverlappingFileLockException: another class loader of this process has it.
      log.debug("Cannot lock {}: {}", file.path, e.toString());
      file.forget();
    }
    return file;
  }

  /** Leaves the file to those who have it. */
  private void forget() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      log.debug("Cannot close {}: {}", path, e.toString());
    }
    channel = null;
  }

  private static String database(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("pragma database_list")) {
      row.next();
      return row.getString("file");
    }
  }

  /** Whoever waits for the removed file finds that there is nothing left to migrate. */
  @Override
  public void close() {
    try (FileChannel locked = channel) {
      if (locked != null) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      log.debug("Cannot remove {}: {}", path, e.toString());
    } finally {
      PROCESS.unlock();
    }
  }
}
