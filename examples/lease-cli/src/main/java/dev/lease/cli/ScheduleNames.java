package dev.lease.cli;

import dev.lease.Job;
import dev.lease.worker.Schedules;
import dev.lease.worker.Schedules.Listed;
import java.util.List;
import java.util.function.BiFunction;
import picocli.CommandLine.Parameters;

/** The schedules that a command is for. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class ScheduleNames extends QueueOption {

  @Parameters(
      paramLabel = "SCHEDULE",
      arity = "1..*",
      description = "the names of the schedules, or the ids of their jobs")
  private List<String> names;

  /**
   * Does the same to each.
   *
   * @return whether it was done to all
   */
  boolean each(OpenStore store, Output out, BiFunction<Schedules, Job, NamedJobs.Answer> action) {
    Schedules schedules = Schedules.of(store.backend());
    boolean all =
        NamedJobs.each(
            store,
            names.stream().map(ScheduleJobs::id).toList(),
            queue(),
            out,
            job ->
                ScheduleJobs.isOne(job)
                    ? action.apply(schedules, job)
                    : new NamedJobs.Answer(false, "keeps no schedule"));
    if (!all) {
      List<String> known = schedules.list().stream().map(Listed::name).toList();
      names.stream()
          .map(ScheduleJobs::name)
          .filter(name -> !known.contains(name))
          // One that was removed keeps its job, of which the answer above tells.
          .filter(name -> store.named(ScheduleJobs.id(name), queue()).isEmpty())
          .forEach(
              name ->
                  out.say("No schedule is named " + name + NearNames.similar(name, known) + "."));
    }
    return all;
  }
}
