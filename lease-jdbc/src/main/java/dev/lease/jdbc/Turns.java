package dev.lease.jdbc;

import dev.lease.StoreException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Calls of one key, one after the other. Others of the key wait until a call has ended, and need no
 * connection meanwhile: so those who ask for a key that is locked take one place for such calls.
 *
 * @param <K> what the keys are
 */
final class Turns<K> {

  /** Who makes a call for a key, and how many do or wait to. */
  private record Turn(Lock lock, int users) {
    private Turn with(int more) {
      return new Turn(lock, users + more);
    }
  }

  private final Database database;
  private final ConcurrentMap<K, Turn> turns = new ConcurrentHashMap<>();

  Turns(Database database) {
    this.database = database;
  }

  /**
   * Makes a call when it is its turn.
   *
   * @throws StoreException if the calls before it take until the deadline
   */
  <T> T call(String what, K key, Deadline deadline, Supplier<T> call) {
    Lock lock =
        turns.merge(key, new Turn(new ReentrantLock(true), 1), (turn, one) -> turn.with(1)).lock();
    try {
      if (!database.takesTurn(what, lock, deadline)) {
        throw StoreException.notDone(
            "could not " + what + ": other calls of this process took too long", null);
      }
      try {
        return call.get();
      } finally {
        lock.unlock();
      }
    } finally {
      turns.computeIfPresent(key, (it, turn) -> turn.users() == 1 ? null : turn.with(-1));
    }
  }
}
