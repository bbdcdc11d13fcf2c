package dev.lease.testkit;

import dev.lease.JobState;
import dev.lease.PartState.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The graphs of one queue. Whatever may have ended a job calls {@link #resolve} at its end, and so
 * does what makes one run again. Guarded by the data.
 */
class InMemoryGraphs {

  /** For how long a graph that is not complete waits for its next piece [Q72]. */
  static final Duration OPEN_FOR = Duration.ofHours(1);

  /** How many jobs one call lets go at most; the next claims go on [Q79]. */
  static final int MOST = 1_000;

  final Map<String, InMemoryGraph> graphs = new LinkedHashMap<>();
  private final Jobs jobs;

  /** All jobs of the queue. */
  interface Jobs {
    Optional<InMemoryJob> find(String id);

    /** Whether no other job has the dedup key of one that is to run again. */
    boolean isKeyFree(InMemoryJob job, Instant now);

    /** Removes a job, and frees its dedup key. */
    void remove(InMemoryJob job);
  }

  InMemoryGraphs(Jobs jobs) {
    this.jobs = jobs;
  }

  Optional<InMemoryJob> job(String id) {
    return jobs.find(id);
  }

  /** Brings each part to what its jobs, and the parts before it, have come to [Q73-Q76]. */
  void resolve(Instant now) {
    int left = MOST;
    for (InMemoryGraph graph : graphs.values()) {
      boolean changed;
      do {
        graph.parts.values().forEach(this::count);
        changed = false;
        for (InMemoryGraph.Part part : graph.parts.values()) {
          changed |= advance(graph, part, now);
          int moved = move(graph, part, left, now);
          left -= moved;
          changed |= moved > 0;
        }
      } while (changed);
    }
  }

  /** Notes how the jobs of a part have ended. One that is gone counts as it ended before [Q77]. */
  void count(InMemoryGraph.Part part) {
    for (String id : part.ids) {
      Optional<InMemoryJob> job = job(id).filter(each -> each.part == part);
      if (job.isEmpty()) {
        part.ended.putIfAbsent(id, JobState.CANCELLED);
      } else if (job.get().state().isFinished()) {
        part.ended.put(id, job.get().state());
      } else {
        part.ended.remove(id);
      }
    }
  }

  boolean advance(InMemoryGraph graph, InMemoryGraph.Part part, Instant now) {
    boolean isReady = graph.isReady(part);
    Optional<String> spoiler = graph.spoiler(part);
    if (part.stage == Stage.WAITING && isReady) {
      part.stage = spoiler.isPresent() ? Stage.CANCELLED : Stage.RUNNING;
      return true;
    }
    if (part.stage == Stage.CANCELLED && (!isReady || spoiler.isEmpty())) {
      part.stage = Stage.WAITING;
      jobs(part)
          .filter(job -> job.cancelledForPart && jobs.isKeyFree(job, now))
          .forEach(InMemoryJob::waitAgain);
      return true;
    }
    return false;
  }

  /** Lets jobs of a part go that waits no more, or cancels them. How many those were. */
  int move(InMemoryGraph graph, InMemoryGraph.Part part, int most, Instant now) {
    if (part.stage == Stage.WAITING) {
      return 0;
    }
    List<InMemoryJob> some = jobs(part).filter(job -> job.waits).limit(most).toList();
    for (InMemoryJob job : some) {
      if (part.stage == Stage.RUNNING) {
        job.letGo(now);
      } else {
        job.cancelForPart("part " + graph.spoiler(part).orElseThrow() + " failed", now);
      }
    }
    return some.size();
  }

  Stream<InMemoryJob> jobs(InMemoryGraph.Part part) {
    return part.ids.stream().flatMap(id -> job(id).stream()).filter(job -> job.part == part);
  }

  /** Removes some jobs of a graph that is not complete, and the graph after the last one. */
  int discard(String id, int limit) {
    InMemoryGraph graph = graphs.get(id);
    if (graph == null || graph.complete) {
      return 0;
    }
    List<InMemoryJob> some =
        graph.parts.values().stream().flatMap(this::jobs).limit(limit).toList();
    some.forEach(jobs::remove);
    graph.discarded = true;
    if (some.size() < limit) {
      graphs.remove(id);
    }
    return some.size();
  }

  /**
   * Removes jobs of graphs that nobody has completed in time [Q72], and what is left of old ones.
   */
  int purge(Instant now, int limit) {
    int removed = 0;
    for (InMemoryGraph graph : List.copyOf(graphs.values())) {
      if (!graph.complete && !now.isBefore(graph.lastPieceAt.plus(OPEN_FOR))) {
        removed += discard(graph.id, limit - removed);
      }
    }
    return removed;
  }

  InMemoryGraph newGraph(String id, Instant now) {
    return new InMemoryGraph(id, now);
  }

  @Nullable InMemoryGraph of(InMemoryJob job) {
    return graphs.get(String.valueOf(job.graph));
  }

  /** Whether a finished job has to stay, since others of its graph have not ended [Q77]. */
  boolean needs(InMemoryJob job) {
    InMemoryGraph graph = of(job);
    return graph != null && !graph.hasEnded();
  }
}
