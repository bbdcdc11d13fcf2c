package dev.lease.console;

import dev.lease.Capability;
import dev.lease.Job;
import dev.lease.JobCount;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.Limits;
import dev.lease.console.live.BulkAct;
import dev.lease.console.live.BulkRun;
import dev.lease.console.pages.BulkView;
import dev.lease.console.pages.FilterFields;
import dev.lease.examples.shared.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Acts on many jobs: they are counted and shown first. */
final class BulkHandler {

  private static final int SAMPLES = 5;
  private static final int EXAMINED = 5_000;

  private final Store store;
  private final Bulk bulk;

  BulkHandler(Store store, Bulk bulk) {
    this.store = store;
    this.bulk = bulk;
  }

  /** Shows what an act would change, and changes nothing. */
  void preview(Visit visit) {
    BulkAct act = act(visit);
    JobFilter asked = Filters.of(visit, store::now);
    JobFilter filter = checked(act.narrowed(asked));
    JobCount count = store.admin().count(filter, BulkRun.MOST);
    Curtain curtain = Curtain.of(store, visit.viewer());
    JobQuery some = JobQuery.of(filter).limit(SAMPLES).examineAtMost(EXAMINED).brief();
    List<Job> samples = store.admin().list(some).jobs().stream().map(curtain::job).toList();
    spread(visit);
    String spread = visit.param("spread");
    visit.show(
        "bulk",
        act.label() + " many jobs",
        Map.of(
            "view",
            new BulkView(
                act,
                FilterFields.of(asked),
                filter.toString(),
                (int) count.jobs(),
                samples,
                spread == null ? "0s" : spread,
                store.has(Capability.AUDIT),
                count.missing())));
  }

  void start(Visit visit) {
    BulkAct act = act(visit);
    JobFilter filter = checked(act.narrowed(Filters.of(visit, store::now)));
    BulkRun run =
        new BulkRun(
            act, store.admin(visit.operator()), filter, spread(visit), visit.number("counted"));
    visit.redirect("/bulk/run", "number", Integer.toString(bulk.start(run)));
  }

  void show(Visit visit) {
    int number = visit.number("number");
    BulkRun run = find(number);
    visit.show(
        "bulkrun",
        run.act().label() + " many jobs",
        Map.of("run", run, "number", number, "stopping", visit.param("stopping") != null));
  }

  void stop(Visit visit) {
    int number = visit.number("number");
    visit.operator();
    find(number).stop();
    visit.redirect("/bulk/run", "number", Integer.toString(number));
  }

  private BulkRun find(int number) {
    BulkRun run = bulk.find(number);
    if (run == null) {
      throw new Refusal(404, "There is no such act, or it is no longer remembered.");
    }
    return run;
  }

  private static BulkAct act(Visit visit) {
    try {
      return BulkAct.valueOf(visit.name("act").toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("act must be retry, cancel or delete", e);
    }
  }

  /** Refuses what would change more than its words say, or tell what is hidden. */
  private JobFilter checked(JobFilter filter) {
    if (filter.errorText() != null && store.isRedacted()) {
      throw new Refusal(
          409, "Errors are redacted here, so that jobs cannot be counted by their text.");
    }
    if (BulkRun.hasSchedule(store.admin(), filter)) {
      throw new Refusal(
          409, "Among these are jobs that keep schedules: name a type. Nothing was done.");
    }
    return filter;
  }

  private static Duration spread(Visit visit) {
    String spread = visit.param("spread");
    if (spread == null) {
      return Duration.ZERO;
    }
    if (!Durations.isOne(spread)) {
      throw new IllegalArgumentException("spread must be a time such as 30s, 5m, 2h or 7d");
    }
    return Limits.delay("spread", Durations.parse(spread));
  }
}
