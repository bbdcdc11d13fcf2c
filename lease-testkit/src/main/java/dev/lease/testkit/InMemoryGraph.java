package dev.lease.testkit;

import dev.lease.GraphPart;
import dev.lease.GraphState;
import dev.lease.JobState;
import dev.lease.OnFailure;
import dev.lease.PartState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** A graph, its parts in the order in which they were stored. Guarded by the data. */
class InMemoryGraph {

  final String id;
  final Map<String, Part> parts = new LinkedHashMap<>();
  final Instant createdAt;
  Instant lastPieceAt;
  boolean complete;

  /** Whether some of its jobs were discarded: it takes no piece until it is gone. */
  boolean discarded;

  /** A part, with what its jobs have come to. */
  static class Part {
    final GraphPart definition;

    /** The jobs in the order in which they were stored; DELETED ones stay. */
    final List<String> ids = new ArrayList<>();

    /** How those have ended that did, also if they are gone. */
    final Map<String, JobState> ended = new LinkedHashMap<>();

    PartState.Stage stage = PartState.Stage.WAITING;

    Part(GraphPart definition) {
      this.definition = definition;
    }

    /** Whether each of its jobs has ended. */
    boolean isOver() {
      return stage != PartState.Stage.WAITING && ended.size() == ids.size();
    }

    boolean hasFailed() {
      return ended.values().stream().anyMatch(state -> state != JobState.DONE);
    }

    int count(JobState state) {
      return (int) ended.values().stream().filter(each -> each == state).count();
    }

    PartState state() {
      return PartState.of(
          definition,
          stage,
          ids.size(),
          count(JobState.DONE),
          count(JobState.FAILED),
          count(JobState.CANCELLED));
    }
  }

  InMemoryGraph(String id, Instant now) {
    this.id = id;
    this.createdAt = now;
    this.lastPieceAt = now;
  }

  Part part(String name) {
    return Objects.requireNonNull(parts.get(name));
  }

  List<String> ids() {
    return parts.values().stream().flatMap(part -> part.ids.stream()).toList();
  }

  private int count(Function<Part, Integer> number) {
    return parts.values().stream().mapToInt(number::apply).sum();
  }

  boolean hasEnded() {
    return complete && parts.values().stream().allMatch(Part::isOver);
  }

  GraphState state(String queue, Instant now) {
    return GraphState.builder(queue, id, createdAt, now)
        .complete(complete)
        .size(parts.size(), count(part -> part.ids.size()))
        .ended(
            count(part -> part.count(JobState.DONE)),
            count(part -> part.count(JobState.FAILED)),
            count(part -> part.count(JobState.CANCELLED)))
        .build();
  }

  /** Whether the parts before one have ended. */
  boolean isReady(Part part) {
    return complete && part.definition.after().keySet().stream().allMatch(p -> part(p).isOver());
  }

  /** The part for whose failure another one is cancelled [Q75]. */
  Optional<String> spoiler(Part part) {
    return part.definition.after().entrySet().stream()
        .filter(edge -> edge.getValue() == OnFailure.CANCEL && part(edge.getKey()).hasFailed())
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
