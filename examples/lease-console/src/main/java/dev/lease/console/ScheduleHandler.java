package dev.lease.console;

import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.JobAdmin;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.console.live.Shared;
import dev.lease.console.pages.Did;
import dev.lease.console.pages.Listing;
import dev.lease.worker.Schedules;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** The schedules. */
final class ScheduleHandler {

  private static final int RUN_CHARS = 50;

  /** The page looks at so many jobs that wait or run. */
  private static final int EXAMINED = 5_000;

  private final Store store;
  private final Shared<Listing> schedules;

  ScheduleHandler(Store store) {
    this.store = store;
    schedules = new Shared<>(this::list, System::nanoTime);
  }

  /** Of a million jobs that wait, a schedule is mostly among the oldest. */
  private Listing list() {
    JobAdmin real = store.admin();
    AtomicBoolean more = new AtomicBoolean();
    Object first =
        Proxy.newProxyInstance(
            JobAdmin.class.getClassLoader(),
            new Class<?>[] {JobAdmin.class},
            (proxy, method, args) -> {
              JobPage page = real.list(((JobQuery) args[0]).examineAtMost(EXAMINED));
              more.set(page.next() != null);
              return JobPage.of(page.jobs(), null, page.examined()).withMissing(page.missing());
            });
    Backend bounded = BackendView.of(store.backend()).withJobAdmin((JobAdmin) first);
    return new Listing(Schedules.of(bounded).list(), more.get());
  }

  void show(Visit visit) {
    visit.show(
        "schedules",
        "Schedules",
        Map.of("reading", schedules.get(), "run", UUID.randomUUID().toString().substring(0, 8)));
  }

  /** To send the form again enqueues nothing more: the id of the job has the run of the form. */
  void runNow(Visit visit) {
    // Wants a reason. The log has it: the store records no job that somebody enqueues.
    visit.operator();
    String queue = visit.name("queue");
    String name = visit.name("name");
    String run = visit.name("run");
    if (!run.matches("[\\w-]{1," + RUN_CHARS + "}")) {
      throw new Refusal(400, "A run is a short word. Nothing was done.");
    }
    act(
        visit,
        () ->
            Schedules.of(store.backend())
                .runNow(queue, name, visit.viewer().name() + "-" + run)
                .map(job -> job.created() ? Did.RUN : Did.RUN_BEFORE)
                .orElse(Did.NO_SCHEDULE));
  }

  void pause(Visit visit) {
    change(visit, Did.SCHEDULE_PAUSED, Schedules::pause);
  }

  void resume(Visit visit) {
    change(visit, Did.SCHEDULE_RESUMED, Schedules::resume);
  }

  private interface Change {
    boolean on(Schedules schedules, String queue, String name);
  }

  private void change(Visit visit, Did done, Change change) {
    JobAdmin admin = store.admin(visit.operator());
    Schedules acting = Schedules.of(BackendView.of(store.backend()).withJobAdmin(admin));
    String queue = visit.name("queue");
    String name = visit.name("name");
    act(visit, () -> change.on(acting, queue, name) ? done : Did.NO_SCHEDULE);
  }

  private void act(Visit visit, Supplier<Did> act) {
    try {
      visit.redirect("/schedules", "did", act.get().name());
    } finally {
      // It may have been done though it failed.
      schedules.forget();
    }
  }
}
