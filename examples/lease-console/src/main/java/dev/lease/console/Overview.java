package dev.lease.console;

import dev.lease.console.live.Figures;
import dev.lease.console.live.Shared;
import java.io.IOException;
import java.util.Map;

/** The pages that are made of what all viewers share. */
final class Overview {

  private final Shared<Figures> figures;
  private final Store store;

  Overview(Store store) {
    this.store = store;
    this.figures =
        new Shared<>(() -> Figures.read(store.backend(), store.redactor()), System::nanoTime);
  }

  void show(Visit visit) throws IOException {
    visit.show("overview", "Overview", Map.of("reading", figures.get()));
  }

  void workers(Visit visit) throws IOException {
    if (!Figures.reportsWorkers(store.backend())) {
      throw new Refusal(501, "This store keeps no notes with leases: workers say nothing here.");
    }
    visit.show("workers", "Workers", Map.of("reading", figures.get()));
  }
}
