package dev.lease.testkit.server;

import java.util.List;

/** What a MariaDB for tests is started with, in a container or not. */
final class MariadbOptions {

  static final List<String> OPTIONS =
      List.of(
          // Written at each commit, so that a killed server loses nothing that it acknowledged,
          // and fsynced later: that makes tests quicker, and only a crash of the machine could
          // tell the difference.
          "--innodb-flush-log-at-trx-commit=2",
          // The default of newer servers, and the stricter one.
          "--innodb-snapshot-isolation=on",
          // Keys for TLS, made at each start, take most of its time.
          "--skip-ssl",
          "--max-connections=300");

  private MariadbOptions() {}
}
