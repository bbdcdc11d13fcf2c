package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import java.util.ArrayList;
import java.util.List;

/**
 * All pages of a list. A store may end a page before its limit, even without a job [Q84], so no
 * test may take the first page for the list.
 */
final class AllPages {

  /** More pages, or pieces, than any test needs, however short a store makes them. */
  static final int MOST = 10_000;

  private AllPages() {}

  static List<Job> of(JobAdmin admin, JobQuery query) {
    List<Job> jobs = new ArrayList<>();
    String after = query.after();
    int pages = 0;
    do {
      JobPage page = admin.list(query.after(after));
      assertThat(page.jobs()).as("a page of %s", query).hasSizeLessThanOrEqualTo(query.limit());
      jobs.addAll(page.jobs());
      after = page.next();
      assertThat(++pages).as("the pages of %s", query).isLessThan(MOST);
    } while (after != null);
    return jobs;
  }
}
