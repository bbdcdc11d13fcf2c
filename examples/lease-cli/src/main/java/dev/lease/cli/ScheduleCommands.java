package dev.lease.cli;

import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.Limits;
import dev.lease.cli.NamedJobs.Answer;
import dev.lease.worker.Schedules;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs schedules now, pauses and resumes them. */
final class ScheduleCommands {

  private static final Answer REMOVED =
      new Answer(false, "keeps a schedule that was removed; retry brings it back");

  private ScheduleCommands() {}

  @Command(
      name = "pause-schedule",
      description = "Keeps schedules from firing; jobs that they have enqueued go on.")
  @SuppressWarnings("NullAway.Init") // picocli sets the fields.
  static final class Pause extends ActingCommand {

    @Mixin private ScheduleNames names;

    @Override
    boolean run(OpenStore store, Output out) {
      return names.each(
          store,
          out,
          (schedules, job) ->
              schedules.pause(job.queue(), ScheduleJobs.name(job.id()))
                  ? new Answer(true, "is paused")
                  : REMOVED);
    }
  }

  @Command(
      name = "resume-schedule",
      description = "Lets paused schedules fire again. Their policy decides about missed firings.")
  @SuppressWarnings("NullAway.Init") // picocli sets the fields.
  static final class Resume extends ActingCommand {

    @Mixin private ScheduleNames names;

    @Override
    boolean run(OpenStore store, Output out) {
      return names.each(store, out, Resume::resume);
    }

    private static Answer resume(Schedules schedules, Job job) {
      boolean wasPaused = !job.dueAt().isBefore(Limits.MAX_DUE);
      return schedules.resume(job.queue(), ScheduleJobs.name(job.id()))
          ? new Answer(true, wasPaused ? "is no longer paused" : "was not paused")
          : REMOVED;
    }
  }

  @Command(
      name = "run-schedule",
      description = {
        "Enqueues one job of each schedule now, paused or not. The planned firings stay.",
        "It records no operator: who asked stands in the id of the job."
      })
  @SuppressWarnings("NullAway.Init") // picocli sets the fields.
  static final class Run extends StoreCommand {

    @Mixin private ScheduleNames names;

    @Option(
        names = "--run",
        paramLabel = "ID",
        description = "the id of this run, by default your name and a random number: NAME@now-ID")
    private @Nullable String run;

    @Override
    boolean run(OpenStore store, Output out) {
      String id = run == null ? System.getProperty("user.name") + "-" + number() : run;
      Limits.name("--run", id);
      return names.each(store, out, (schedules, job) -> run(schedules, job, id));
    }

    private static String number() {
      return UUID.randomUUID().toString().substring(0, 8);
    }

    private static Answer run(Schedules schedules, Job job, String id) {
      Optional<Enqueued> firing;
      try {
        firing = schedules.runNow(job.queue(), ScheduleJobs.name(job.id()), id);
      } catch (IllegalArgumentException e) {
        return new Answer(
            false, "enqueued nothing: " + e.getMessage() + "; let your program run it");
      }
      return firing
          .map(
              enqueued ->
                  new Answer(
                      enqueued.created(),
                      (enqueued.created() ? "has enqueued " : "enqueued nothing: there is ")
                          + enqueued.id()))
          .orElse(REMOVED);
    }
  }
}
