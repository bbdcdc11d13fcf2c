package dev.lease.console;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.console.pages.FilterFields;
import dev.lease.console.pages.JobList;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The list of jobs. */
final class JobsHandler {

  private static final int PAGE = 50;

  /** A page looks at so many jobs, whether they match or not, and then asks whether to go on. */
  private static final int EXAMINED = 5_000;

  private final Store store;

  JobsHandler(Store store) {
    this.store = store;
  }

  void show(Visit visit) throws IOException {
    JobFilter filter = Filters.of(visit, store::now);
    JobPage page =
        store
            .admin()
            .list(
                JobQuery.of(filter)
                    .order(order(filter))
                    .after(visit.param("after"))
                    .limit(PAGE)
                    .examineAtMost(EXAMINED)
                    .brief());
    Curtain curtain = Curtain.of(store, visit.viewer());
    List<Job> jobs =
        page.jobs().stream().map(curtain::job).filter(job -> isShown(filter, job)).toList();
    visit.show(
        "jobs",
        "Jobs",
        Map.of(
            "list",
            new JobList(
                jobs, FilterFields.of(filter), page.next(), page.examined(), page.missing())));
  }

  /** What a redactor took out of an error cannot be searched for either. */
  private static boolean isShown(JobFilter filter, Job job) {
    String text = filter.errorText();
    String error = job.error();
    return text == null || (error != null && error.contains(text));
  }

  private static JobOrder order(JobFilter filter) {
    boolean isFinished =
        !filter.states().isEmpty() && filter.states().stream().allMatch(JobState::isFinished);
    return isFinished ? JobOrder.LAST_FINISHED_FIRST : JobOrder.NEWEST_FIRST;
  }
}
