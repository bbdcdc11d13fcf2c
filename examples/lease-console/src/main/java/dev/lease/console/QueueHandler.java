package dev.lease.console;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Limits;
import dev.lease.QueueCounts;
import dev.lease.console.live.Watch;
import dev.lease.console.pages.Did;
import dev.lease.console.pages.QueueView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One queue: its figures, its full keys, who paused it. */
final class QueueHandler {

  /** A page looks at so many keys, and then asks whether to go on. */
  private static final int KEYS = 5_000;

  private static final int FULL = 50;
  private static final int ACTIONS = 20;

  private final Store store;
  private final Watch watch;

  QueueHandler(Store store, Watch watch) {
    this.store = store;
    this.watch = watch;
  }

  void show(Visit visit) {
    String queue = visit.name("queue");
    JobAdmin admin = store.admin();
    QueueCounts counts =
        watch
            .look()
            .value()
            .figures()
            .counts()
            .queue(queue)
            .orElseThrow(() -> new Refusal(404, "There is no such queue: it has no jobs."));
    ActionPage actions =
        store.has(Capability.AUDIT)
            ? admin.actions(ActionQuery.inQueue(queue).limit(ACTIONS))
            : ActionPage.of(List.of(), null);
    List<KeyState> full = new ArrayList<>();
    int read = 0;
    @Nullable String next = visit.exact("after");
    if (store.has(Capability.KEYS)) {
      do {
        KeyPage page = store.backend().admission().keys(queue, next, Limits.MAX_BATCH);
        page.keys().stream().filter(key -> key.heldBack() > 0).forEach(full::add);
        read += page.keys().size();
        next = page.next();
      } while (next != null && read < KEYS && full.size() < FULL);
    }
    visit.show(
        "queue",
        "Queue " + queue,
        Map.of(
            "view",
            new QueueView(
                counts,
                full,
                read,
                next,
                store.has(Capability.KEYS),
                Curtain.of(store, visit.viewer()).actions(actions.actions()))));
  }

  void pause(Visit visit) {
    act(visit, Did.PAUSED, JobAdmin::pause);
  }

  void resume(Visit visit) {
    act(visit, Did.RESUMED, JobAdmin::resume);
  }

  private void act(Visit visit, Did did, BiConsumer<JobAdmin, String> act) {
    String queue = visit.name("queue");
    JobAdmin admin = store.admin(visit.operator());
    try {
      act.accept(admin, queue);
    } finally {
      // It may have been done though it failed.
      watch.forget();
    }
    visit.redirect("/queue", "queue", queue, "did", did.name());
  }
}
