package dev.lease.examples.customstore;

import dev.lease.Backend;
import dev.lease.testkit.ManualClock;
import dev.lease.testkit.StoreFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Opens the store for the kit, moves its clock, and names what it lacks. */
final class LogFixture implements StoreFixture {

  private final Path directory = Files.createTempDirectory("custom-store");
  private final ManualClock clock = new ManualClock();

  LogFixture() throws IOException {}

  @Override
  public Backend open() {
    return new LogStore(directory.resolve("log"), clock);
  }

  @Override
  public void advance(Duration by) {
    clock.advance(by);
  }

  @Override
  public void setBack(Duration by) {
    clock.advance(by.negated());
  }

  @Override
  public Time time() {
    return Time.FROZEN;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(directory.resolve("log"));
    Files.delete(directory);
  }
}
