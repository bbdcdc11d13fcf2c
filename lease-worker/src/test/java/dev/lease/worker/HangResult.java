package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.worker.Hang.Call;
import dev.lease.worker.Hang.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/** What became of the two queues, or names, of a cell. */
final class HangResult {

  private static final String HEAD =
      """
      # What calls that hang for queue A cost queue B

      A rate is that of B's jobs, each of which begins when the one before it has ended, and stands
      beside that of a run without a fault at the same time. Left: of B's ended jobs by a stop in
      the middle.

      | store | call | fault | tries | hung | B | B/s | without | B lost | health | A goes on after | left | stop | broken |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      """;

  final String store;
  final Call call;
  final Fault fault;
  final List<String> broken = new CopyOnWriteArrayList<>();

  /** So often it was begun, since the machine stood still. */
  int tries = 1;

  int hung;
  int done;
  int jobs;
  double rate;
  long lost;
  String health = "";
  double goesOnAfter = Double.NaN;
  long left;
  double stop = Double.NaN;

  HangResult(String store, Call call, Fault fault) {
    this.store = store;
    this.call = call;
    this.fault = fault;
  }

  void check(boolean holds, String otherwise) {
    if (!holds) {
      broken.add(otherwise);
    }
  }

  /** Adds what became of the run with a stop. */
  void addStop(HangResult stopped) {
    tries = Math.max(tries, stopped.tries);
    left = stopped.left;
    stop = stopped.stop;
    broken.addAll(stopped.broken);
  }

  void assertWhole() {
    assertThat(broken).as(toString()).isEmpty();
  }

  private String row(double without) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %d | %d | %d of %d | %.1f | %.1f | %d | %s | %.1f s | %d | %.1f s | %s |%n",
        store,
        name(call),
        name(fault),
        tries,
        hung,
        done,
        jobs,
        rate,
        without,
        lost,
        health.isEmpty() ? "-" : health,
        goesOnAfter,
        left,
        stop,
        broken.isEmpty() ? "" : String.join("; ", broken));
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Writes the table of a run into a file of that name. */
  static void write(String file, List<HangResult> results) {
    var page = new StringBuilder(HEAD);
    for (HangResult result : results) {
      double without =
          results.stream()
              .filter(other -> other.fault == Fault.NONE && other.store.equals(result.store))
              .filter(other -> other.call.isOfLeases() == result.call.isOfLeases())
              .mapToDouble(other -> other.rate)
              .findFirst()
              .orElse(Double.NaN);
      page.append(result.row(without));
    }
    try {
      Files.writeString(Files.createDirectories(Path.of("target")).resolve(file), page);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String toString() {
    return store + ", " + name(call) + ", " + name(fault);
  }
}
