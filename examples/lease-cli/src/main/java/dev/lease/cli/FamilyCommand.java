package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobState;
import java.util.Set;
import picocli.CommandLine.Option;

/** Changes jobs, and if that is wanted what comes after those that are named. */
abstract class FamilyCommand extends ManyJobsCommand {

  @Option(
      names = "--with-children",
      description =
          "for jobs named by their ids: also all jobs of the same graph whose parts come after that"
              + " of the named one, directly or further behind")
  private boolean withChildren;

  FamilyCommand(String done, Set<JobState> states, Set<JobState> byDefault) {
    super(done, states, byDefault);
  }

  /** Changes a job and all behind it. */
  abstract NamedJobs.Answer change(JobAdmin admin, Job job, Subtree behind, LongWork work);

  @Override
  void check() {
    super.check();
    if (withChildren && !namesJobs()) {
      throw new IllegalArgumentException(
          "--with-children needs the ids of jobs: it does not go with conditions");
    }
  }

  @Override
  NamedJobs.Answer change(OpenStore store, Job job, LongWork work) {
    String graph = job.graph();
    if (!withChildren) {
      return change(store.admin(), job);
    }
    if (graph == null) {
      return new NamedJobs.Answer(false, "is a job of no graph: leave --with-children out");
    }
    Subtree behind = new Subtree(store.graphs(), job.queue(), graph, job.part());
    return change(store.admin(), job, behind, work);
  }

  /**
   * What became of a job and of those that come after it.
   *
   * @param so what became of these, in words
   * @param behind of how many that is so
   */
  static NamedJobs.Answer with(NamedJobs.Answer answer, String so, long behind) {
    return new NamedJobs.Answer(
        answer.done() || behind > 0,
        answer.words() + "; jobs that come after it and " + so + ": " + behind);
  }
}
