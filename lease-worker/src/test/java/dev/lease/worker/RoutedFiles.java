package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.router.QueueRouter;
import java.time.Duration;
import java.util.List;

/** A router over three SQLite files, of which one can hang. */
final class RoutedFiles implements AutoCloseable {

  final Backend east = file();
  final Backend west = file();
  final Backend north = file();

  /** What the router has of the west. */
  final HangingCalls hanging;

  final QueueRouter router;

  private final List<HangingCalls> all;

  /**
   * @param longestCall what the stores say of their calls
   * @param lease of the workers, for the times of faults
   */
  RoutedFiles(Duration longestCall, Duration lease) {
    hanging = new HangingCalls(west, longestCall, lease);
    var well = new HangingCalls(east, longestCall, lease);
    var ofLeases = new HangingCalls(north, longestCall, lease);
    all = List.of(well, hanging, ofLeases);
    router =
        QueueRouter.builder()
            .store("east", well, "east*")
            .store("west", hanging, "west*")
            .store("north", ofLeases, "*")
            .leases("north")
            .build();
  }

  private static Backend file() {
    return JdbcBackend.open(
        Store.config(Store.newUrl() + "?synchronous=off").withOrderSlack(Duration.ZERO));
  }

  /** Lets go of all calls that hang. */
  @Override
  public void close() {
    all.forEach(Backend::close);
    router.close();
    // Behind the wrappers, which do not close them.
    List.of(east, west, north).forEach(Backend::close);
  }
}
