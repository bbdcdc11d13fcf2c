package dev.lease.jdbc;

import java.util.List;
import java.util.concurrent.Executor;

/**
 * Removes what is left of rates and closings that are over. It walks over all keys with limits: an
 * index to find those would cost each start by a rate a write more.
 */
final class LimitSweep {

  /** How many keys a batch looks at. */
  static final int MOST = 1_000;

  private final Database database;
  private final SlotStatements statements;
  final Sweep sweep;

  /** The last key that a batch has looked at. */
  private volatile JobKey last = JobKey.ofQueue("");

  LimitSweep(Database database, Executor background) {
    this.database = database;
    this.statements = database.statements().slots();
    this.sweep = new Sweep("limits", MOST, background);
  }

  void nowAndThen() {
    sweep.nowAndThen(this::batch);
  }

  /** How many keys it looked at, or 0 if none of them had anything to remove. */
  private int batch() {
    Database.Calls calls = database.on(Lane.BACKGROUND).once();
    JobKey after = last;
    List<SlotStatements.Left> left =
        calls.read("look for old limits", session -> statements.left(session, after, MOST));
    last = left.size() < MOST ? JobKey.ofQueue("") : left.get(MOST - 1).key();
    List<JobKey> spent =
        left.stream().filter(SlotStatements.Left::spent).map(SlotStatements.Left::key).toList();
    if (spent.isEmpty()) {
      return 0;
    }
    calls.transact(
        "remove old limits",
        session -> {
          statements.removeLeft(session, statements.tryLock(session, spent));
          return spent;
        });
    return left.size();
  }
}
