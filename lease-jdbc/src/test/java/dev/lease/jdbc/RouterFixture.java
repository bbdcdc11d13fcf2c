package dev.lease.jdbc;

import dev.lease.Backend;
import dev.lease.router.QueueRouter;
import dev.lease.testkit.StoreFixture;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Three SQLite files, over which a router spreads the queues of the kit. */
final class RouterFixture implements StoreFixture {

  /** How the names of the kit's queues begin, before a number in the base of 36. */
  private static final List<String> KINDS = List.of("queue-", "model-", "pair-", "race-", "both-");

  private final SqlFixture east = new SqlFixture(TestDatabase.SQLITE, false);
  private final SqlFixture west = new SqlFixture(TestDatabase.SQLITE, false);
  private final SqlFixture north = new SqlFixture(TestDatabase.SQLITE, false);

  @Override
  public Backend open() {
    return QueueRouter.builder()
        .store("east", east.open(), startingWith("0123456789ab"))
        .store("west", west.open(), startingWith("cdefghijklmn"))
        .store("north", north.open(), "*")
        .leases("west")
        .build();
  }

  private static String[] startingWith(String digits) {
    return KINDS.stream()
        .flatMap(kind -> digits.chars().mapToObj(digit -> kind + (char) digit + "*"))
        .toArray(String[]::new);
  }

  @Override
  public void advance(Duration by) {
    all().forEach(each -> each.advance(by));
  }

  @Override
  public void setBack(Duration by) {
    all().forEach(each -> each.setBack(by));
  }

  private Stream<SqlFixture> all() {
    return Stream.of(east, west, north);
  }

  @Override
  public String name() {
    return "a router over three SQLite files";
  }

  @Override
  public String runsOn() throws SQLException {
    return east.runsOn();
  }

  @Override
  public Time time() {
    return east.time();
  }

  @Override
  public Duration unit() {
    return east.unit();
  }

  @Override
  public void close() throws SQLException {
    east.close();
    west.close();
    north.close();
  }
}
