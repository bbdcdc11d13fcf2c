package dev.lease.jdbc;

import java.util.Arrays;
import java.util.Locale;

/**
 * The statements. Each has a file of its own, with its name; the head of the file says what it
 * does.
 */
enum Sql {
  LEASE_ACQUIRE,
  LEASE_RENEW,
  LEASE_RELEASE,
  LEASE_FIND,
  LEASE_LIST,
  LEASE_SWEEP,
  JOB_INSERT,
  JOB_FIND_DUPLICATE,
  JOB_TAKE_BACK,
  JOB_FREE_KEY,
  KEY_LOCK,
  SLOT_LOCK(true),
  SLOT_LOOK(true),
  SLOT_LAST(true),
  SLOT_INSERT(true),
  SLOT_GIVE(true),
  SLOT_PACE(true),
  SLOT_MOVE(true),
  SLOT_OPEN(true),
  SLOT_NEWS(true),
  SLOT_PIECE(true),
  SLOT_NOTE(true),
  SLOT_NOTED(true),
  SLOT_SHELVE(true),
  SLOT_PUT_OFF(true),
  SLOT_TAKE(true),
  SLOT_WITHDRAW(true),
  LIMIT_SET(true),
  LIMIT_QUEUE(true),
  LIMIT_CLOSE(true),
  LIMIT_NEXT(true),
  LIMIT_SWEEP(true),
  LIMIT_STATE(true),
  GRAPH_MAKE(true),
  GRAPH_LOCK(true),
  GRAPH_SET(true),
  GRAPH_FIND(true),
  GRAPH_NEWS(true),
  GRAPH_ENDED(true),
  GRAPH_TAKE(true),
  GRAPH_AGAIN(true),
  GRAPH_PARTS(true),
  GRAPH_PART_ADD(true),
  GRAPH_PART_SET(true),
  GRAPH_EDGE_ADD(true),
  GRAPH_EDGES(true),
  GRAPH_MEMBER_ADD(true),
  GRAPH_MEMBERS(true),
  GRAPH_JOBS(true),
  GRAPH_GO(true),
  GRAPH_CANCEL(true),
  GRAPH_TAKE_BACK(true),
  GRAPH_OUTCOME(true),
  GRAPH_STORED(true),
  GRAPH_FREE(true),
  GRAPH_POSTPONE(true),
  GRAPH_OLD(true),
  JOB_CLAIM,
  JOB_EXTEND,
  JOB_FINISH,
  JOB_RETURN,
  JOB_PROGRESS,
  JOB_LOCK,
  JOB_FIND,
  JOB_FIND_LOCKED,
  JOB_SEEN,
  JOB_LIST,
  JOB_LIST_BY_SEQ,
  JOB_LIST_BY_FINISH,
  JOB_QUEUES,
  JOB_COUNT,
  JOB_COUNTS,
  JOB_RESET_EXPIRED,
  JOB_CANCEL,
  JOB_REQUEUE,
  JOB_DELETE,
  JOB_PURGE_KEPT,
  JOB_PURGE_OLDER,
  JOB_CHANGE,
  REMEMBERED_ADD,
  REMEMBERED_FIND,
  REMEMBERED_FORGET,
  REMEMBERED_LEFT,
  REMEMBERED_PURGE,
  ATTEMPT_ADD,
  ATTEMPT_TRIM,
  ATTEMPT_LIST,
  ACTION_ADD,
  ACTION_COUNT,
  ACTION_LIST,
  ACTION_PURGE,
  CHECKPOINT_KEEP,
  CHECKPOINT_FIND,
  CHECKPOINT_LIST,
  CHECKPOINT_DELETE,
  STEP_LIST,
  STEP_LIST_BRIEF,
  FENCE_RAISE,
  FENCE_SWEEP,
  TOKEN_FLOOR_RAISE,
  QUEUE_PAUSE,
  QUEUE_RESUME,
  SERVER_TIME;

  private final boolean forKeys;

  Sql() {
    this(false);
  }

  Sql(boolean forKeys) {
    this.forKeys = forKeys;
  }

  /** The name of its file. */
  String file() {
    return name().toLowerCase(Locale.ROOT) + ".sql";
  }

  /** Whether only a database needs a file whose jobs have keys. */
  static boolean isForKeys(String file) {
    return Arrays.stream(values()).anyMatch(sql -> sql.forKeys && sql.file().equals(file));
  }

  /** Whether only a database needs it whose jobs have keys: see {@link Dialect#hasKeys}. */
  boolean isForKeys() {
    return forKeys;
  }
}
