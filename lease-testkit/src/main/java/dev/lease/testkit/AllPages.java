package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.OperatorAction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All pages of a list, and all pieces of a call by a filter. A store may end a page before its
 * limit, even with nothing on it [L33, Q84, Q90], so no test may take the first page for the list.
 */
final class AllPages {

  /** More pages, or pieces, than any test needs, however short a store makes them. */
  private static final int MOST = 10_000;

  private AllPages() {}

  static List<Job> of(JobAdmin admin, JobQuery query) {
    return all(
        query,
        query.limit(),
        query.after(),
        after -> admin.list(query.after(after)),
        JobPage::jobs,
        JobPage::next);
  }

  static List<OperatorAction> of(JobAdmin admin, ActionQuery query) {
    return all(
        query,
        query.limit(),
        query.after(),
        after -> admin.actions(query.after(after)),
        ActionPage::actions,
        ActionPage::next);
  }

  /** The leases whose names begin with the prefix, in pages of a thousand. */
  static List<Lease> of(LeaseStore store, String prefix) {
    return of(store, prefix, null, 1_000);
  }

  static List<Lease> of(LeaseStore store, String prefix, @Nullable String first, int limit) {
    return all(
        "list of '" + prefix + "' after " + first,
        limit,
        first,
        after -> store.list(prefix, after, limit),
        LeasePage::leases,
        LeasePage::next);
  }

  /** How many jobs each piece changed. */
  static List<Integer> pieces(int limit, Function<@Nullable String, JobPiece> call) {
    List<Integer> changed =
        all(
            "pieces of " + limit,
            limit,
            null,
            call,
            piece -> List.of(piece.changed()),
            JobPiece::next);
    assertThat(changed)
        .as("what each piece of %s changed", limit)
        .allMatch(it -> it >= 0 && it <= limit);
    return changed;
  }

  /** How many jobs all pieces changed. */
  static int changed(int limit, Function<@Nullable String, JobPiece> call) {
    return pieces(limit, call).stream().mapToInt(Integer::intValue).sum();
  }

  private static <P, T> List<T> all(
      Object what,
      int limit,
      @Nullable String first,
      Function<@Nullable String, P> read,
      Function<P, List<T>> content,
      Function<P, @Nullable String> next) {
    List<T> all = new ArrayList<>();
    String after = first;
    int pages = 0;
    do {
      P page = read.apply(after);
      assertThat(content.apply(page)).as("a page of %s", what).hasSizeLessThanOrEqualTo(limit);
      all.addAll(content.apply(page));
      after = next.apply(page);
      assertThat(++pages).as("the pages of %s", what).isLessThan(MOST);
    } while (after != null);
    return all;
  }
}
