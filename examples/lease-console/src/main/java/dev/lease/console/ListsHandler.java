package dev.lease.console;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.LeasePage;
import java.util.Map;

/** Named leases, and what operators did. */
final class ListsHandler {

  private static final int PAGE = 100;

  private final Store store;

  ListsHandler(Store store) {
    this.store = store;
  }

  void leases(Visit visit) {
    String prefix = visit.exact("prefix");
    LeasePage page =
        store.backend().leaseStore().list(prefix == null ? "" : prefix, visit.exact("after"), PAGE);
    visit.show(
        "leases",
        "Named leases",
        Map.of("page", page, "prefix", prefix == null ? "" : prefix, "curtain", store.redactor()));
  }

  void actions(Visit visit) {
    String queue = visit.exact("queue");
    ActionQuery query = queue == null ? ActionQuery.all() : ActionQuery.inQueue(queue);
    ActionPage page = store.admin().actions(query.after(visit.exact("after")).limit(PAGE));
    visit.show(
        "actions",
        "Who did what",
        Map.of(
            "page",
            page,
            "actions",
            Curtain.of(store, visit.viewer()).actions(page.actions()),
            "queue",
            queue == null ? "" : queue));
  }
}
