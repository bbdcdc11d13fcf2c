package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Changes the jobs that are named, or all that match a filter. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
abstract class ManyJobsCommand extends ActingCommand {

  private static final int PIECE = 1_000;
  private static final String WHY =
      "changed meanwhile, or refused by the store. To see which stay, list them (lease jobs, with"
          + " these conditions and --state); to see why, name one.";

  @Parameters(
      paramLabel = "JOB",
      arity = "0..*",
      description = "the ids of the jobs; without them, the options say which jobs")
  private List<String> ids = List.of();

  @Mixin private FilterOptions filter;

  @Mixin private Consent consent;

  private final String done;
  private final Set<JobState> states;
  private final Set<JobState> byDefault;

  /**
   * A command.
   *
   * @param done what it does to jobs, such as {@code cancelled}
   * @param states the states of the jobs that it can change
   * @param byDefault the states of those that it changes if the options name none
   */
  ManyJobsCommand(String done, Set<JobState> states, Set<JobState> byDefault) {
    this.done = done;
    this.states = states;
    this.byDefault = byDefault;
  }

  /** Changes a job that is named. */
  NamedJobs.Answer change(OpenStore store, Job job, LongWork work) {
    return change(store.admin(), job);
  }

  boolean namesJobs() {
    return !ids.isEmpty();
  }

  /** Changes one job. */
  abstract NamedJobs.Answer change(JobAdmin admin, Job job);

  /** Changes a piece of the jobs that match. */
  abstract JobPiece change(JobAdmin admin, JobFilter filter, @Nullable String after, int limit);

  @Override
  void check() {
    if (ids.isEmpty() && filter.isEmpty()) {
      throw new IllegalArgumentException(
          "which jobs? Name them, or give --queue, --type, --state, --error or another condition");
    }
    if (!ids.isEmpty() && (consent.isGiven() || !filter.hasOnlyQueue())) {
      throw new IllegalArgumentException(
          "a job that is named takes no condition but --queue, no --yes and no --expect");
    }
    Set<JobState> others = EnumSet.noneOf(JobState.class);
    others.addAll(filter.states());
    others.removeAll(states);
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          "a job in "
              + others.iterator().next()
              + " cannot be "
              + done
              + "; those in "
              + states
              + " can");
    }
  }

  @Override
  boolean run(OpenStore store, Output out) {
    LongWork work = longWork(out);
    if (!ids.isEmpty()) {
      return changeNamed(store, out, work);
    }
    JobFilter all = filter.filter(store, byDefault);
    tellOfOtherStates(store, out);
    List<JobFilter> which = filter.hasType() ? List.of(all) : ScheduleJobs.leftOut(store, all);
    if (!which.equals(List.of(all))) {
      out.say("Schedules are left out; --type " + ScheduleJobs.TYPE + " names them.");
    }
    Tally tally = new Tally(store, which);
    return consent.act(
        out,
        done,
        WHY,
        tally,
        work,
        most -> changeAll(store.admin(), which, most, work),
        () -> which.stream().anyMatch(each -> isAnyLeft(store, each)));
  }

  private boolean changeNamed(OpenStore store, Output out, LongWork work) {
    boolean all = true;
    for (String id : ids) {
      if (!work.goesOn()) {
        out.say("Interrupted before " + id + ".");
        return false;
      }
      all &=
          NamedJobs.each(store, List.of(id), filter.queue(), out, job -> change(store, job, work));
    }
    return all;
  }

  private void tellOfOtherStates(OpenStore store, Output out) {
    Set<JobState> others = EnumSet.copyOf(states);
    others.removeAll(byDefault);
    if (!out.isJson()
        && filter.states().isEmpty()
        && !others.isEmpty()
        && !store.read(JobQuery.of(filter.filter(store, others)).brief().limit(1), any -> false)) {
      String names = others.stream().map(JobState::name).collect(Collectors.joining(","));
      out.say("Jobs in " + names + " are left out; --state names them.");
    }
  }

  /** Changes so many jobs at most: no piece changes more than its limit. */
  private void changeAll(JobAdmin admin, List<JobFilter> which, long most, LongWork work) {
    for (JobFilter each : which) {
      String after = null;
      do {
        int limit = (int) Math.min(PIECE, most - work.done());
        if (limit == 0 || !work.goesOn()) {
          return;
        }
        JobPiece piece = change(admin, each, after, limit);
        work.add(piece.changed());
        after = piece.next();
      } while (after != null);
    }
  }

  /** A job whose cancellation was requested still matches, and nothing is left to do. */
  private static boolean isAnyLeft(OpenStore store, JobFilter which) {
    return !store.read(JobQuery.of(which).brief().limit(OpenStore.PAGE), Job::cancelRequested);
  }
}
