package dev.lease.console;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.console.live.Names;
import dev.lease.console.pages.FilterFields;
import dev.lease.console.pages.JobList;
import dev.lease.console.pages.Sieve;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The list of jobs. */
final class JobsHandler {

  private static final int PAGE = 50;

  /** A page looks at so many jobs, whether they match or not, and then asks whether to go on. */
  private static final int EXAMINED = 5_000;

  private final Store store;
  private final Names names;

  JobsHandler(Store store, Names names) {
    this.store = store;
    this.names = names;
  }

  void show(Visit visit) {
    Curtain curtain = Curtain.of(store, visit.viewer());
    boolean searchable = curtain.open() && !store.isRedacted();
    if (visit.exact("payload") != null && !searchable) {
      throw new Refusal(403, "Payloads are hidden or redacted here: there is no filter on them.");
    }
    Supplier<Instant> now = Filters.once(store::now);
    JobFilter filter = Filters.withoutError(visit, now);
    // How far a store looks would tell what a redactor took out of an error: so it is not asked
    // for one, and the redacted errors are searched here.
    Sieve sieve = Filters.sieve(visit, now, store.isRedacted());
    if (!store.isRedacted()) {
      filter = Filters.withError(filter, visit);
    }
    List<Job> jobs = new ArrayList<>();
    Set<String> missing = new TreeSet<>();
    int examined = 0;
    @Nullable String next = visit.exact("after");
    do {
      JobPage page =
          store
              .admin()
              .list(
                  JobQuery.of(filter)
                      .order(order(filter))
                      .after(next)
                      .limit(PAGE)
                      .examineAtMost(EXAMINED - examined)
                      .brief());
      page.jobs().stream().map(curtain::job).filter(sieve::lets).forEach(jobs::add);
      missing.addAll(page.missing());
      examined += page.examined();
      next = page.next();
    } while (next != null && jobs.size() < PAGE && examined < EXAMINED);
    names.add(jobs);
    FilterFields fields = FilterFields.of(filter, sieve);
    visit.show(
        "jobs",
        "Jobs",
        Map.of(
            "list",
            new JobList(jobs, fields, next, examined, List.copyOf(missing)),
            "many",
            sieve.isOpen(),
            "searchable",
            searchable,
            "names",
            names));
  }

  private static JobOrder order(JobFilter filter) {
    boolean isFinished =
        !filter.states().isEmpty() && filter.states().stream().allMatch(JobState::isFinished);
    return isFinished ? JobOrder.LAST_FINISHED_FIRST : JobOrder.NEWEST_FIRST;
  }
}
