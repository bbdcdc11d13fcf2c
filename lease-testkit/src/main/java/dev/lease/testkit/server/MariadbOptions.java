package dev.lease.testkit.server;

import java.util.List;

/** The options of a MariaDB server for tests, in a container or embedded. */
final class MariadbOptions {

  static final List<String> OPTIONS =
      List.of(
          // Write at each commit, so that a killed server loses no acknowledged commit, but do not
          // fsync. That makes tests quicker and matters only if the machine crashes.
          "--innodb-flush-log-at-trx-commit=2",
          "--innodb-flush-method=nosync",
          "--debug-no-sync",
          // The default of newer servers, and the stricter setting.
          "--innodb-snapshot-isolation=on",
          // Making the TLS keys takes most of the time of a start.
          "--skip-ssl",
          "--max-connections=300");

  private MariadbOptions() {}
}
