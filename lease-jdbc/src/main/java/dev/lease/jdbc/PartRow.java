package dev.lease.jdbc;

import dev.lease.JobState;
import dev.lease.PartState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** A part of a graph, whose row is locked: what of it may change. */
final class PartRow {

  static final int WAITS = 0;
  static final int RUNS = 1;
  static final int CANCELLED = 2;

  /** Its jobs were cancelled, and are to wait again. */
  static final int TAKEN_BACK = 3;

  final String graph;
  final String name;
  final int place;
  int stage;

  /** Whether it has something to do: it waits for nothing more, or some jobs are to be moved. */
  boolean todo;

  int waits;
  int spoiled;
  int jobs;
  int moved;
  int done;
  int failed;
  int cancelled;

  /** What the parts after it have been told. */
  boolean toldOver;

  boolean toldFailed;

  /** What its row has. */
  private List<Object> stored;

  PartRow(String graph, String name, int place, int waits) {
    this.graph = graph;
    this.name = name;
    this.place = place;
    this.waits = waits;
    this.todo = waits == 0;
    this.stored = values();
  }

  private List<Object> values() {
    return List.of(stage, todo, waits, spoiled, jobs, moved, done, failed, cancelled);
  }

  static PartRow of(ResultSet row) throws SQLException {
    var part =
        new PartRow(
            row.getString("graph"),
            row.getString("name"),
            row.getInt("place"),
            row.getInt("waits"));
    part.stage = row.getInt("stage");
    part.todo = row.getBoolean("todo");
    part.spoiled = row.getInt("spoiled");
    part.jobs = row.getInt("jobs");
    part.moved = row.getInt("moved");
    part.done = row.getInt("done");
    part.failed = row.getInt("failed");
    part.cancelled = row.getInt("cancelled");
    part.toldOver = part.isOver();
    part.toldFailed = part.hasFailed();
    part.stored = part.values();
    return part;
  }

  boolean isOver() {
    return (stage == RUNS || stage == CANCELLED) && !todo && done + failed + cancelled == jobs;
  }

  boolean hasFailed() {
    return isOver() && failed + cancelled > 0;
  }

  void add(JobState state, int count) {
    switch (state) {
      case DONE -> done += count;
      case FAILED -> failed += count;
      default -> cancelled += count;
    }
  }

  /** Begins to do to each of its jobs what its new stage says. */
  void enter(int newStage) {
    stage = newStage;
    moved = 0;
    todo = true;
  }

  PartState.Stage shown() {
    return switch (stage) {
      case RUNS -> PartState.Stage.RUNNING;
      case CANCELLED -> PartState.Stage.CANCELLED;
      default -> PartState.Stage.WAITING;
    };
  }

  static RowBatch rows() {
    return new RowBatch(
        1,
        RowBatch.number("stage"),
        RowBatch.number("todo"),
        RowBatch.number("waits"),
        RowBatch.number("spoiled"),
        RowBatch.number("jobs"),
        RowBatch.number("moved"),
        RowBatch.number("done"),
        RowBatch.number("failed"),
        RowBatch.number("cancelled"),
        RowBatch.text("queue"),
        RowBatch.text("graph"),
        RowBatch.text("name"));
  }

  /** Adds what has changed since its row was read or written. */
  void addTo(RowBatch rows, String queue) {
    if (values().equals(stored)) {
      return;
    }
    stored = values();
    rows.add(
        (long) stage,
        todo ? 1L : 0L,
        (long) waits,
        (long) spoiled,
        (long) jobs,
        (long) moved,
        (long) done,
        (long) failed,
        (long) cancelled,
        queue,
        graph,
        name);
  }
}
