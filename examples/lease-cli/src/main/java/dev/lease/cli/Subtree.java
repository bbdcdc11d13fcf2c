package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobGraphs;
import dev.lease.JobPage;
import dev.lease.Limits;
import dev.lease.PartPage;
import dev.lease.PartState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The parts of a graph that come after that of a job, and after those, and so on. */
final class Subtree {

  private final JobGraphs graphs;
  private final String queue;
  private final String graph;
  private final List<String> parts = new ArrayList<>();

  /** Reads the parts that come after one. */
  Subtree(JobGraphs graphs, String queue, String graph, @Nullable String part) {
    this.graphs = graphs;
    this.queue = queue;
    this.graph = graph;
    Set<@Nullable String> before = new HashSet<>();
    before.add(part);
    for (PartState each : parts(graphs, queue, graph, Integer.MAX_VALUE)) {
      if (each.part().after().keySet().stream().anyMatch(before::contains)) {
        before.add(each.part().name());
        parts.add(each.part().name());
      }
    }
  }

  /** The first parts of a graph, each behind those that it comes after. */
  static List<PartState> parts(JobGraphs graphs, String queue, String graph, int most) {
    List<PartState> parts = new ArrayList<>();
    String after = null;
    do {
      int wanted = Math.min(most - parts.size(), Limits.MAX_BATCH);
      PartPage page = graphs.parts(queue, graph, after, wanted);
      parts.addAll(page.parts());
      after = page.next();
    } while (after != null && parts.size() < most);
    return parts;
  }

  /** Does something to its jobs, part by part, and counts to how many it was done. */
  long count(Predicate<Job> action, LongWork work) {
    return parts.stream().mapToLong(part -> count(part, action, work)).sum();
  }

  /** The same, from the last part to the first. */
  long countFromTheEnd(Predicate<Job> action, LongWork work) {
    long done = 0;
    for (int i = parts.size() - 1; i >= 0; i--) {
      done += count(parts.get(i), action, work);
    }
    return done;
  }

  private long count(String part, Predicate<Job> action, LongWork work) {
    long done = 0;
    String after = null;
    do {
      JobPage page = graphs.jobs(queue, graph, part, after, OpenStore.PAGE);
      for (Job job : page.jobs()) {
        if (!work.goesOn()) {
          return done;
        }
        if (action.test(job)) {
          work.add(1);
          done++;
        }
      }
      after = page.next();
    } while (after != null);
    return done;
  }
}
