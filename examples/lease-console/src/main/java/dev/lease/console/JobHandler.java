package dev.lease.console;

import dev.lease.ActionQuery;
import dev.lease.Capability;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.Limits;
import dev.lease.OperatorAction;
import dev.lease.StepValue;
import dev.lease.console.pages.JobView;
import java.util.List;
import java.util.Map;

/** The page of one job. */
final class JobHandler {

  private static final int MOST_ACTIONS = 50;

  private final Store store;

  JobHandler(Store store) {
    this.store = store;
  }

  void show(Visit visit) {
    String queue = visit.name("queue");
    String id = visit.name("id");
    Job job =
        store
            .backend()
            .jobQueue()
            .find(queue, id)
            .orElseThrow(() -> new Refusal(404, "There is no such job, or no longer."));
    JobAdmin admin = store.admin();
    boolean audited = store.has(Capability.AUDIT);
    List<OperatorAction> actions =
        audited
            ? admin.actions(ActionQuery.ofJob(queue, id).limit(MOST_ACTIONS)).actions()
            : List.of();
    Curtain curtain = Curtain.of(store, visit.viewer());
    Job shown = curtain.job(job);
    // All values of a job may have a gigabyte: most pages do without the ends of them.
    boolean whole = curtain.open() && visit.param("steps") != null;
    List<StepValue> steps = whole ? admin.steps(queue, id) : admin.briefSteps(queue, id);
    // What a redactor looks for may end beyond the cut.
    boolean values = curtain.open() && (whole || !store.isRedacted());
    visit.show(
        "job",
        "Job " + id,
        Map.of(
            "view",
            new JobView(
                shown,
                Timeline.of(
                    shown,
                    admin.failedAttempts(queue, id),
                    steps,
                    curtain.actions(actions),
                    curtain,
                    values),
                curtain.open(),
                curtain.open() && !whole && steps.stream().anyMatch(step -> isCut(values, step)),
                audited)));
  }

  private static boolean isCut(boolean values, StepValue step) {
    return !values || step.value().length() >= Limits.BRIEF_CHARS;
  }
}
