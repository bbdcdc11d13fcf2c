package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The lanes of a worker: its background threads, each with a loop. They look after each other: the
 * watchdog starts dead lanes again, and so does a lane that is about to claim.
 */
final class Lanes {

  /** Makes the thread of a lane, without starting it. */
  interface Threads {
    Thread of(Runnable task, String name);
  }

  private final String worker;
  private final Threads threads;
  private final List<Loop> loops = new CopyOnWriteArrayList<>();

  Lanes(String worker, Threads threads) {
    this.worker = worker;
    this.threads = threads;
  }

  String threadName(String role) {
    return "lease-worker-" + Limits.oneLine(worker) + "-" + role;
  }

  Loop add(String role, Signal signal, Loop.Round round) {
    var loop = new Loop(role, signal, round, task -> threads.of(task, threadName(role)));
    add(loop);
    return loop;
  }

  void add(Loop loop) {
    loops.add(loop);
  }

  /** Starts dead lanes again; false if one of them stays dead [W24]. */
  boolean revive() {
    boolean alive = true;
    for (Loop loop : loops) {
      alive &= loop.revive();
    }
    return alive;
  }

  boolean areAlive() {
    for (Loop loop : loops) {
      if (!loop.isAlive()) {
        return false;
      }
    }
    return true;
  }

  /** How long ago each lane completed a round. */
  Map<String, Duration> sinceLastRounds() {
    Map<String, Duration> since = new LinkedHashMap<>();
    loops.forEach(loop -> since.put(loop.role(), loop.sinceLastRound()));
    return since;
  }
}
