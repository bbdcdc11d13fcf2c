package dev.lease.worker;

import java.lang.reflect.Method;
import java.sql.SQLException;

/** A way to make calls of a store hang for one queue, or for one named lease. */
interface Hang extends AutoCloseable {

  /** The kinds of calls. */
  enum Call {
    CLAIM("claim"),
    /** By whichever call. */
    SETTLE("settle"),
    /** By this call alone: there is another one. */
    SETTLE_AND_CLAIM("settleAndClaim"),
    EXTEND("extend"),
    FIND("find"),
    PROGRESS("progress"),
    CHECKPOINT("checkpoint"),
    CHECKPOINTS("checkpoints"),
    ENQUEUE("enqueue"),
    /** Names a queue of whoever awaits the job, not the job's. */
    HINT("hint"),
    /** Is of all queues at once. */
    COUNTS("counts"),
    ACQUIRE("acquire"),
    RENEW("renew"),
    RELEASE("release"),
    /** Is made once, when a worker starts: it is no row of the matrix. */
    ON_WORK("onWork");

    private final String method;

    Call(String method) {
      this.method = method;
    }

    boolean is(Method called) {
      return called.getName().equals(method);
    }

    boolean isOfNoQueue() {
      return this == HINT || this == COUNTS;
    }

    boolean isOfLeases() {
      return this == ACQUIRE || this == RENEW || this == RELEASE;
    }
  }

  /** How the calls hang. */
  enum Fault {
    /** They do not, for comparison. */
    NONE,
    /** They do nothing and never return, also not when the fault is over. */
    NEVER,
    /** They last a lease and then do what they should, the first until the others are through. */
    LONG,
    /** They do at once what they should, and their answers come as late as those of LONG. */
    LATE,
    /** They last as long as the store says at most and fail, as on a server that is gone. */
    FAIL,
    /** Each tenth lasts a tenth of a lease. */
    TENTH
  }

  void begin(Call call, String name, Fault fault) throws SQLException;

  /** Ends the fault: later calls do not hang. */
  void end() throws SQLException;

  /** How many calls hung so far. */
  int caught() throws SQLException;

  /** Ends the fault, and lets go of all calls that hang. */
  @Override
  void close();

  /** How many calls never return: whoever made one on a thread of its own is not seen again. */
  default int lost() {
    return 0;
  }

  /** Tells that the other queue has done its work, which LONG calls wait for. */
  default void othersAreThrough() {}
}
