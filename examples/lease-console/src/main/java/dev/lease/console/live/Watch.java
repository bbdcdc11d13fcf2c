package dev.lease.console.live;

import dev.lease.Backend;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The figures that all viewers share, and their past since somebody looked. Safe for use by many
 * threads.
 */
public final class Watch {

  private final Ring ring = new Ring();
  private final SeenWorkers workers = new SeenWorkers();
  private final Shared<Seen> shared;
  private Duration pace = Duration.ZERO;
  private long readings;

  /**
   * Figures, and those before them.
   *
   * @param figures the figures
   * @param points the lines of what was seen, as JSON of numbers
   * @param gone the workers that were seen and are gone, the last to speak first
   * @param number which reading it is, from 1
   */
  public record Seen(Figures figures, String points, List<GoneWorker> gone, long number) {}

  /**
   * Watches a store, as far as somebody looks.
   *
   * @param backend the store
   * @param redactor takes secrets out of errors
   * @param names gets the names that are seen
   */
  public Watch(Backend backend, UnaryOperator<String> redactor, Names names) {
    shared = new Shared<>(() -> read(backend, redactor, names), System::nanoTime);
  }

  /** Only one thread reads at a time. */
  private Seen read(Backend backend, UnaryOperator<String> redactor, Names names) {
    long begun = System.nanoTime();
    Figures figures = Figures.read(backend, redactor);
    ring.add(figures, pace);
    names.add(figures);
    List<GoneWorker> gone =
        figures.workers() == null
            ? List.of()
            : workers.add(figures.workers(), begun, System.nanoTime());
    return new Seen(figures, ring.json(), gone, ++readings);
  }

  /** Lets the next look read anew, since an operator has changed a queue. */
  public void forget() {
    shared.forget();
  }

  /**
   * Looks.
   *
   * @return what was seen last, read anew if it is time
   */
  public synchronized Shared.Reading<Seen> look() {
    Shared.Reading<Seen> reading = shared.get();
    pace = reading.every();
    return reading;
  }
}
