package dev.lease.testkit;

import dev.lease.ActionQuery;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A call of an operator that throws has changed nothing, as another object shows. */
@Since(3)
abstract class AdminRefusalContract extends AdminFinishContract {

  private final Refusals refusals = new Refusals(this::shown);

  private final List<String> ids = new ArrayList<>();

  private List<Object> shown() {
    List<Object> all = new ArrayList<>();
    for (String id : ids) {
      all.add(record(id));
      all.add(otherAdmin.failedAttempts(queue, id));
    }
    all.add(otherAdmin.counts().queue(queue).map(QueueCounts::paused));
    if (!lacks(Capability.AUDIT)) {
      all.add(AllPages.of(otherAdmin, ActionQuery.inQueue(queue)));
    }
    return all;
  }

  private JobFilter here() {
    return JobFilter.all().inQueue(queue);
  }

  private static JobFilter noFilter() {
    return absent();
  }

  /**
   * Makes jobs that the calls of operators could change, and a record of an act.
   *
   * @return the calls, those whose acts are recorded too
   */
  private List<JobAdmin> begin() throws Exception {
    ids.clear();
    ids.add(held(job("expired")).jobId());
    expireLeases();
    takeLongLeases();
    for (SettlementKind kind :
        List.of(SettlementKind.DONE, SettlementKind.FAILED, SettlementKind.CANCELLED)) {
      ids.add(enqueued(job(kind.toString()).priority(9)));
      settled(claim(1).get(0).lease(), kind);
    }
    ids.add(enqueued(job("waiting")));
    if (lacks(Capability.AUDIT)) {
      return List.of(admin);
    }
    JobAdmin recorded = admin.by(AdminActionContract.ANNA);
    recorded.change(queue, "waiting", JobChange.builder().priority(4).build());
    return List.of(admin, recorded);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q40 a reset that is refused resets nothing")
  void refusedResets() throws Exception {
    for (JobAdmin each : begin()) {
      for (int bad : Refusals.BAD_LIMITS) {
        refusals.refused("reset of " + bad, () -> each.resetExpired(queue, bad));
      }
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q45 a requeue that is refused requeues nothing")
  void refusedRequeues() throws Exception {
    for (JobAdmin each : begin()) {
      refusals.refused("requeue without a how", () -> each.requeue(queue, "FAILED", absent()));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q46 a purge that is refused removes nothing")
  void refusedPurges() throws Exception {
    List<JobAdmin> admins = begin();
    for (JobAdmin each : admins) {
      for (int bad : Refusals.BAD_LIMITS) {
        refusals.refused("purge by age of " + bad, () -> each.purge(queue, Duration.ZERO, bad));
      }
      refusals.refused("purge by no age", () -> each.purge(queue, absent(), 9));
      refusals.refused(
          "purge by a negative age", () -> each.purge(queue, Duration.ofSeconds(-1), 9));
    }
    String unkept = enqueued(job().keep(Duration.ZERO).priority(9));
    settled(claim(1).get(0).lease(), SettlementKind.FAILED);
    ids.add(unkept);
    advance(offered("keep of a job that is FAILED", find(unkept).keep()));
    // A store that removes such jobs by itself has done so by now.
    for (JobAdmin each : admins) {
      for (int bad : Refusals.BAD_LIMITS) {
        refusals.refused("purge of " + bad, () -> each.purge(queue, bad));
      }
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q58 a call by a filter that is refused changes no job")
  void refusedCallsByFilter() throws Exception {
    var now = Requeueing.now();
    for (JobAdmin each : begin()) {
      for (int bad : Refusals.BAD_LIMITS) {
        refusals.refused("cancel of " + bad, () -> each.cancel(here(), null, bad));
        refusals.refused("requeue of " + bad, () -> each.requeue(here(), now, null, bad));
        refusals.refused("delete of " + bad, () -> each.delete(here(), null, bad));
      }
      refusals.refused("cancel without a filter", () -> each.cancel(noFilter(), null, 9));
      refusals.refused("requeue without a filter", () -> each.requeue(noFilter(), now, null, 9));
      refusals.refused("delete without a filter", () -> each.delete(noFilter(), null, 9));
      refusals.refused(
          "requeue by a filter without a how", () -> each.requeue(here(), absent(), null, 9));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q90 a purge of records that is refused removes none")
  void refusedPurgesOfRecords() throws Exception {
    begin();
    if (lacks(Capability.AUDIT)) {
      reportAsLacking(Capability.AUDIT);
    }
    for (int bad : Refusals.BAD_LIMITS) {
      refusals.refused(
          "purgeActions of " + bad, () -> admin.purgeActions(queue, Duration.ZERO, bad));
    }
    refusals.refused("purgeActions by no age", () -> admin.purgeActions(queue, absent(), 9));
    refusals.refused(
        "purgeActions by a negative age",
        () -> admin.purgeActions(queue, Duration.ofSeconds(-1), 9));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q54 a call of an operator through a closed object changes nothing")
  void callsAfterClose() throws Exception {
    begin();
    Backend backend = open();
    List<JobAdmin> closed = new ArrayList<>(List.of(backend.jobAdmin()));
    if (!lacks(Capability.AUDIT)) {
      closed.add(closed.get(0).by(AdminActionContract.ANNA));
    }
    close(backend);
    for (JobAdmin each : closed) {
      refusals.closed("cancel", () -> each.cancel(queue, "waiting"));
      refusals.closed("requeue", () -> each.requeue(queue, "FAILED"));
      refusals.closed("change", () -> each.change(queue, "waiting", JobChange.runNow()));
      refusals.closed("delete", () -> each.delete(queue, "waiting"));
      refusals.closed("pause", () -> each.pause(queue));
      refusals.closed("reset", () -> each.resetExpired(queue, 9));
      refusals.closed("purge by age", () -> each.purge(queue, Duration.ZERO, 9));
      refusals.closed("cancel by a filter", () -> each.cancel(here(), null, 9));
      refusals.closed("requeue by a filter", () -> each.requeue(here(), Requeueing.now(), null, 9));
      refusals.closed("delete by a filter", () -> each.delete(here(), null, 9));
    }
    if (!lacks(Capability.AUDIT)) {
      refusals.closed("purgeActions", () -> closed.get(0).purgeActions(queue, Duration.ZERO, 9));
    }
    admin.pause(queue);
    closed.forEach(each -> refusals.closed("resume", () -> each.resume(queue)));
  }
}
