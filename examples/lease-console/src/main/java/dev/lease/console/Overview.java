package dev.lease.console;

import dev.lease.console.live.Figures;
import dev.lease.console.live.Shared;
import dev.lease.console.live.Watch;
import java.util.HashMap;
import java.util.Map;

/** The pages that are made of what all viewers share. */
final class Overview {

  private final Store store;
  private final Watch watch;

  Overview(Store store, Watch watch) {
    this.store = store;
    this.watch = watch;
  }

  void show(Visit visit) {
    show(visit, "overview", "Overview", Map.of("retries", !store.isRedacted()));
  }

  void workers(Visit visit) {
    if (!Figures.reportsWorkers(store.backend())) {
      throw new Refusal(501, "This store keeps no notes with leases: workers say nothing here.");
    }
    show(visit, "workers", "Workers", Map.of("curtain", store.redactor()));
  }

  /** A page that asks again for what it has gets nothing but a word for that. */
  private void show(Visit visit, String page, String title, Map<String, Object> params) {
    Shared.Reading<Watch.Seen> reading = watch.look();
    if (!visit.isFresh("\"" + reading.value().number() + "\"")) {
      Map<String, Object> all = new HashMap<>(params);
      all.put("reading", reading);
      visit.show(page, title, all);
    }
  }
}
