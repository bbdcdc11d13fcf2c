package dev.lease.console.live;

import dev.lease.Job;
import dev.lease.QueueCounts;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Names of queues and types that the console has seen, for forms to complete: the store is not
 * asked for them. Safe for use by many threads.
 */
public final class Names {

  private static final int MOST = 200;

  private final Set<String> queues = new LinkedHashSet<>();
  private final Set<String> types = new LinkedHashSet<>();

  /**
   * Notes what a list of jobs names.
   *
   * @param jobs the jobs
   */
  public synchronized void add(List<Job> jobs) {
    jobs.forEach(
        job -> {
          note(queues, job.queue());
          note(types, job.type());
        });
  }

  /** Notes what the figures name, of the queues those with the oldest due jobs. */
  synchronized void add(Figures figures) {
    figures.queues().stream()
        .limit(MOST)
        .map(QueueCounts::queue)
        .forEach(name -> note(queues, name));
    figures.failures().groups().forEach(group -> note(types, group.type()));
  }

  /** Those that were named last stay. */
  private static void note(Set<String> names, String name) {
    names.remove(name);
    names.add(name);
    if (names.size() > MOST) {
      names.remove(names.iterator().next());
    }
  }

  /** {@return the queues, at most 200} */
  public synchronized List<String> queues() {
    return sorted(queues);
  }

  /** {@return the types of jobs, at most 200} */
  public synchronized List<String> types() {
    return sorted(types);
  }

  private static List<String> sorted(Set<String> names) {
    return names.stream().sorted(Comparator.naturalOrder()).toList();
  }
}
