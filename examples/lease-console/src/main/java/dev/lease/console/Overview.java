package dev.lease.console;

import dev.lease.console.live.Figures;
import dev.lease.console.live.Shared;
import dev.lease.console.live.Watch;
import java.io.IOException;
import java.util.Map;

/** The pages that are made of what all viewers share. */
final class Overview {

  private final Store store;
  private final Watch watch;

  Overview(Store store, Watch watch) {
    this.store = store;
    this.watch = watch;
  }

  void show(Visit visit) throws IOException {
    show(visit, "overview", "Overview");
  }

  void workers(Visit visit) throws IOException {
    if (!Figures.reportsWorkers(store.backend())) {
      throw new Refusal(501, "This store keeps no notes with leases: workers say nothing here.");
    }
    show(visit, "workers", "Workers");
  }

  /** A page that asks again for what it has gets nothing but a word for that. */
  private void show(Visit visit, String page, String title) throws IOException {
    Shared.Reading<Watch.Seen> reading = watch.look();
    if (!visit.isFresh("\"" + reading.value().number() + "\"")) {
      visit.show(page, title, Map.of("reading", reading));
    }
  }
}
