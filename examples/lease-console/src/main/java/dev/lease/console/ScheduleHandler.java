package dev.lease.console;

import dev.lease.BackendView;
import dev.lease.Operator;
import dev.lease.console.live.Shared;
import dev.lease.console.pages.Did;
import dev.lease.worker.Schedules;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The schedules. */
final class ScheduleHandler {

  private static final Logger LOG = LoggerFactory.getLogger(ScheduleHandler.class);

  private static final int RUN_CHARS = 50;

  private final Store store;
  private final Shared<List<Schedules.Listed>> schedules;

  ScheduleHandler(Store store) {
    this.store = store;
    schedules = new Shared<>(() -> Schedules.of(store.backend()).list(), System::nanoTime);
  }

  void show(Visit visit) throws IOException {
    visit.show(
        "schedules",
        "Schedules",
        Map.of("reading", schedules.get(), "run", UUID.randomUUID().toString().substring(0, 8)));
  }

  /** To send the form again enqueues nothing more: the id of the job has the run of the form. */
  void runNow(Visit visit) {
    Operator operator = visit.operator();
    String queue = visit.name("queue");
    String name = visit.name("name");
    String run = visit.name("run");
    if (!run.matches("[\\w-]{1," + RUN_CHARS + "}")) {
      throw new Refusal(400, "A run is a short word. Nothing was done.");
    }
    boolean known =
        Schedules.of(store.backend())
            .runNow(queue, name, visit.viewer().name() + "-" + run)
            .isPresent();
    // The store records no job that somebody enqueues.
    LOG.info("{} runs schedule {} of queue {} now: {}", operator.name(), name, queue, known);
    answer(visit, known ? Did.RUN : Did.NO_SCHEDULE);
  }

  void pause(Visit visit) {
    boolean known = acting(visit).pause(visit.name("queue"), visit.name("name"));
    answer(visit, known ? Did.SCHEDULE_PAUSED : Did.NO_SCHEDULE);
  }

  void resume(Visit visit) {
    boolean known = acting(visit).resume(visit.name("queue"), visit.name("name"));
    answer(visit, known ? Did.SCHEDULE_RESUMED : Did.NO_SCHEDULE);
  }

  private Schedules acting(Visit visit) {
    return Schedules.of(
        BackendView.of(store.backend()).withJobAdmin(store.admin(visit.operator())));
  }

  private static void answer(Visit visit, Did did) {
    visit.redirect("/schedules", "did", did.name());
  }
}
