package com.example.mysql;

import com.example.MovedClock;
import com.example.RelativeFixture;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.server.TestServers;
import java.util.Map;

/** The dialect with a clock that the kit can move. */
final class MovedMysql extends MysqlDialect {

  /**
   * A read of the clock's table begins a snapshot. MySQL lets a statement go on with what others
   * have changed since, and MariaDB does so if it is told.
   */
  static StoreFixture fixture() {
    String url =
        TestServers.mariadb().newDatabase() + "&sessionVariables=innodb_snapshot_isolation=0";
    return new RelativeFixture(url, new MovedMysql());
  }

  @Override
  protected Map<String, String> words() {
    return MovedClock.words(super.words());
  }
}
