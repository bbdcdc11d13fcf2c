package dev.lease.examples.leasecli;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobState;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes the jobs that are named, or all that match a filter. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
abstract class ManyJobsCommand extends StoreCommand {

  private static final int PIECE = 1_000;

  @Parameters(
      paramLabel = "JOB",
      arity = "0..*",
      description = "the ids of the jobs; without them, the options say which jobs")
  private List<String> ids = List.of();

  @Mixin private FilterOptions filter;

  @Option(
      names = "--yes",
      description = "change the jobs that match; without it, they are only counted")
  private boolean yes;

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
    if (!ids.isEmpty() && (yes || !filter.hasOnlyQueue())) {
      throw new IllegalArgumentException(
          "a job that is named takes no condition but --queue, and no --yes");
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
    if (!ids.isEmpty()) {
      return NamedJobs.each(store, ids, filter.queue(), out, job -> change(store.admin(), job));
    }
    JobFilter all = filter.filter(store, byDefault);
    List<JobFilter> which = filter.hasType() ? List.of(all) : ScheduleJobs.leftOut(store, all);
    if (!which.equals(List.of(all))) {
      out.say("Schedules are left out; --type " + ScheduleJobs.TYPE + " names them.");
    }
    if (!yes) {
      return new Tally(store, which).print(out, done);
    }
    long changed = 0;
    for (JobFilter each : which) {
      changed += changeAll(store.admin(), each);
    }
    return Tally.printDone(out, done, changed);
  }

  private long changeAll(JobAdmin admin, JobFilter which) {
    long changed = 0;
    String after = null;
    do {
      JobPiece piece = change(admin, which, after, PIECE);
      changed += piece.changed();
      after = piece.next();
    } while (after != null);
    return changed;
  }
}
