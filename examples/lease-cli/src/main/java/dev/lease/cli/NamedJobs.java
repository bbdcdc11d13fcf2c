package dev.lease.cli;

import dev.lease.Job;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Does the same to each of the jobs that the command line names. */
final class NamedJobs {

  private NamedJobs() {}

  /**
   * What became of a job.
   *
   * @param done false if the store refused
   * @param words what became of it, or why not; they follow the job's name
   */
  record Answer(boolean done, String words) {}

  /**
   * Does it.
   *
   * @param inQueue the queue of the jobs, or null to look for it
   * @return whether it was done to all
   */
  static boolean each(
      OpenStore store,
      List<String> ids,
      @Nullable String inQueue,
      Output out,
      Function<Job, Answer> action) {
    boolean all = true;
    for (String id : ids) {
      List<Job> jobs = store.named(id, inQueue);
      String queue = jobs.size() == 1 ? jobs.get(0).queue() : inQueue;
      Answer answer =
          switch (jobs.size()) {
            case 0 -> new Answer(false, missing(inQueue));
            case 1 -> action.apply(jobs.get(0));
            default ->
                new Answer(
                    false,
                    "is in several queues; name one with --queue: "
                        + jobs.stream().map(Job::queue).collect(Collectors.joining(", ")));
          };
      all &= answer.done();
      say(out, queue, id, answer);
    }
    return all;
  }

  /** The words about a job that does not exist. */
  static String missing(@Nullable String inQueue) {
    return "is not in " + (inQueue == null ? "any queue" : "queue " + inQueue);
  }

  private static void say(Output out, @Nullable String queue, String id, Answer answer) {
    out.say(id + " " + answer.words() + ".");
    if (out.isJson()) {
      Map<String, @Nullable Object> document = new LinkedHashMap<>();
      document.put("queue", queue);
      document.put("id", id);
      document.put("done", answer.done());
      document.put("answer", answer.words());
      out.json(document);
    }
  }
}
