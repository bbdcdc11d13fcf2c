package dev.lease.console;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.console.pages.FilterFields;
import dev.lease.console.pages.JobList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The list of jobs. */
final class JobsHandler {

  private static final int PAGE = 50;

  /** A page looks at so many jobs, whether they match or not, and then asks whether to go on. */
  private static final int EXAMINED = 5_000;

  private final Store store;

  JobsHandler(Store store) {
    this.store = store;
  }

  void show(Visit visit) {
    JobFilter asked = Filters.withoutError(visit, store::now);
    JobFilter filter = Filters.withError(asked, visit);
    // How far a store looks would tell what a redactor took out of an error: so it is not asked
    // for one, and the redacted errors are searched here.
    if (!store.isRedacted()) {
      asked = filter;
    }
    Curtain curtain = Curtain.of(store, visit.viewer());
    List<Job> jobs = new ArrayList<>();
    Set<String> missing = new TreeSet<>();
    int examined = 0;
    @Nullable String next = visit.param("after");
    do {
      JobPage page =
          store
              .admin()
              .list(
                  JobQuery.of(asked)
                      .order(order(filter))
                      .after(next)
                      .limit(PAGE)
                      .examineAtMost(EXAMINED - examined)
                      .brief());
      page.jobs().stream().map(curtain::job).filter(job -> isShown(filter, job)).forEach(jobs::add);
      missing.addAll(page.missing());
      examined += page.examined();
      next = page.next();
    } while (next != null && jobs.size() < PAGE && examined < EXAMINED);
    visit.show(
        "jobs",
        "Jobs",
        Map.of(
            "list",
            new JobList(jobs, FilterFields.of(filter), next, examined, List.copyOf(missing)),
            "many",
            filter.errorText() == null || !store.isRedacted()));
  }

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
