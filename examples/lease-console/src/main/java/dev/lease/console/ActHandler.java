package dev.lease.console;

import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.console.pages.Did;
import dev.lease.worker.Schedules;
import java.util.function.Consumer;

/** Acts on one job. */
final class ActHandler {

  private interface Act {
    Did on(JobAdmin admin, String queue, String id);
  }

  private final Store store;

  ActHandler(Store store) {
    this.store = store;
  }

  void retry(Visit visit) {
    act(
        visit,
        (admin, queue, id) ->
            switch (admin.requeue(queue, id)) {
              case REQUEUED -> Did.RETRIED;
              case CONFLICT -> Did.CONFLICT;
              case NOT_FAILED -> Did.NOT_FAILED;
              case NOT_FOUND -> Did.NOT_FOUND;
            });
  }

  void runNow(Visit visit) {
    change(visit, JobChange.runNow(), Did.DUE_NOW);
  }

  /** What is empty stays as it is. */
  void change(Visit visit) {
    JobChange.Builder change = JobChange.builder();
    set(visit, "due", name -> change.due(Times.due(text(visit, name))));
    set(visit, "notAfter", name -> change.notAfter(Times.due(text(visit, name))));
    set(visit, "priority", name -> change.priority(visit.number(name)));
    set(visit, "failures", name -> change.failuresLeft(visit.number(name)));
    set(visit, "crashes", name -> change.crashesLeft(visit.number(name)));
    if (change.build().equals(JobChange.builder().build())) {
      throw new Refusal(400, "Say what to change. Nothing was done.");
    }
    change(visit, change.build(), Did.CHANGED);
  }

  private static void set(Visit visit, String name, Consumer<String> set) {
    if (visit.param(name) != null) {
      set.accept(name);
    }
  }

  private static String text(Visit visit, String name) {
    return visit.name(name).strip();
  }

  private void change(Visit visit, JobChange change, Did changed) {
    act(
        visit,
        (admin, queue, id) ->
            switch (admin.change(queue, id, change)) {
              case CHANGED -> changed;
              case HELD -> Did.HELD;
              case FINISHED -> Did.FINISHED;
              case NOT_FOUND -> Did.NOT_FOUND;
            });
  }

  void cancel(Visit visit) {
    act(
        visit,
        (admin, queue, id) ->
            switch (admin.cancel(queue, id)) {
              case CANCELLED -> Did.CANCELLED;
              case REQUESTED -> Did.CANCEL_REQUESTED;
              case FINISHED -> Did.FINISHED;
              case NOT_FOUND -> Did.NOT_FOUND;
            });
  }

  void delete(Visit visit) {
    act(visit, (admin, queue, id) -> admin.delete(queue, id) ? Did.DELETED : Did.NOT_FOUND);
  }

  private void act(Visit visit, Act act) {
    String queue = visit.name("queue");
    String id = visit.name("id");
    boolean isSchedule =
        store
            .backend()
            .jobQueue()
            .find(queue, id)
            .filter(job -> job.type().equals(Schedules.JOB_TYPE))
            .isPresent();
    if (isSchedule) {
      throw new Refusal(
          409, "This job keeps a schedule: pause, resume or run that. Nothing was done.");
    }
    Did did = act.on(store.admin(visit.operator()), queue, id);
    if (did == Did.DELETED || did == Did.NOT_FOUND) {
      visit.redirect("/jobs", "queue", queue, "state", "any", "did", did.name());
    } else {
      visit.redirect("/job", "queue", queue, "id", id, "did", did.name());
    }
  }
}
