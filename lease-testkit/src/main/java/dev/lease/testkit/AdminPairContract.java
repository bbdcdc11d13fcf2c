package dev.lease.testkit;

import dev.lease.ClaimRequest;
import dev.lease.JobAdmin;
import dev.lease.NewJob;
import dev.lease.testkit.PairOfCalls.Call;
import dev.lease.testkit.PairOfCalls.Side;
import dev.lease.testkit.PairedJobs.PairedJob;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Races, by a rule: each call of an operator with each call on the same job. */
@Since(2)
abstract class AdminPairContract extends AdminRaceContract {

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q59 an operator's call at once with another on a waiting job comes before or after")
  void operatorsOnAWaitingJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    race(paired, paired::waiting);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q59 an operator's call at once with another on a held job comes before or after")
  void operatorsOnAHeldJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    race(paired, paired::held);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName(
      "Q59 an operator's call at once with another on an expired job comes before or after")
  void operatorsOnAnExpiredJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    race(paired, PairOfCalls.inAdvance(paired::expired));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q59 an operator's call at once with another on a failed job comes before or after")
  void operatorsOnAFailedJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    race(paired, paired::failed);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @Since(3)
  @DisplayName("Q59 changes of other fields at once are both made, and a claim gives all of them")
  void changesAtOnce() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    new PairOfCalls<>(paired::waiting, paired::wholeLeft).race(paired.changes());
  }

  /** Two queues, each with a job that waits. */
  private record TwoQueues(String one, String other) {
    String of(Side<TwoQueues> side) {
      return side.isFirst() ? one : other;
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @Since(3)
  @DisplayName("Q21 two queues that are paused, or resumed, at once are both paused, or resumed")
  void pausesAtOnce() throws Exception {
    takeLongLeases();
    Call<TwoQueues> pause =
        new Call<>(
            "pause",
            side -> {
              admin(side).pause(side.on().of(side));
              return "";
            });
    Call<TwoQueues> resume =
        new Call<>(
            "resume",
            side -> {
              admin(side).resume(side.on().of(side));
              return "";
            });
    new PairOfCalls<>(this::twoQueues, this::leftOf).race(List.of(pause));
    new PairOfCalls<>(
            count -> {
              List<TwoQueues> made = twoQueues(count);
              for (TwoQueues queues : made) {
                bare.one.jobAdmin().pause(queues.one());
                bare.one.jobAdmin().pause(queues.other());
              }
              return made;
            },
            this::leftOf)
        .race(List.of(resume));
  }

  private JobAdmin admin(Side<TwoQueues> side) {
    return (side.isFirst() ? bare.one : bare.two).jobAdmin();
  }

  private List<TwoQueues> twoQueues(int count) {
    List<TwoQueues> made = new ArrayList<>();
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      var queues = new TwoQueues(Names.unique("pair"), Names.unique("pair"));
      made.add(queues);
      batch.add(NewJob.builder(queues.one(), "job", "kit", "").build());
      batch.add(NewJob.builder(queues.other(), "job", "kit", "").build());
    }
    bare.one.jobQueue().enqueue(batch);
    return made;
  }

  private String leftOf(TwoQueues queues) {
    return "given: " + claimed(queues.one()) + " and " + claimed(queues.other());
  }

  private int claimed(String queue) {
    return bare.two.jobQueue().claim(ClaimRequest.of(queue, "worker", 1, LEASE)).jobs().size();
  }

  private static void race(PairedJobs paired, Race.Start<PairedJob> start) throws Exception {
    var pairs = new PairOfCalls<>(start, paired::left);
    pairs.race(paired.operatorsCalls());
    pairs.race(paired.operatorsCalls(), paired.calls());
  }
}
