package dev.lease.jdbc;

import dev.lease.Operator;
import dev.lease.OperatorAction.Kind;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Records what an operator changes, in the transaction that changes it [Q88]. */
final class Recorder {

  /** Records nothing. */
  static final Recorder NONE = new Recorder(null, null, "");

  private final @Nullable Operator operator;
  private final @Nullable String piece;
  private final String which;

  private Recorder(@Nullable Operator operator, @Nullable String piece, String which) {
    this.operator = operator;
    this.piece = piece;
    this.which = which;
  }

  static Recorder of(Operator operator) {
    return new Recorder(operator, null, "");
  }

  /**
   * A recorder for a piece of many jobs, which have one record together. Its number grows with each
   * transaction that changes some of them.
   *
   * @param which which jobs, in words
   */
  Recorder inPiece(String which) {
    return operator == null ? this : new Recorder(operator, UUID.randomUUID().toString(), which);
  }

  boolean records() {
    return operator != null;
  }

  /** Records that one job, or a queue, was changed. */
  void record(Session session, Kind kind, String queue, @Nullable String id, String what) {
    record(session, kind, queue, id, 1, what);
  }

  void record(
      Session session, Kind kind, String queue, @Nullable String id, int changed, String what) {
    if (operator == null || (piece != null && isCounted(session, piece, queue, changed))) {
      return;
    }
    session
        .update(Sql.ACTION_ADD)
        .bindByType("piece", piece, String.class)
        .bind("operator", operator.name())
        .bind("reason", operator.reason())
        .bind("kind", kind.name())
        .bind("queue", queue)
        .bindByType("id", piece == null ? id : null, String.class)
        .bind("changed", changed)
        .bind("what", piece == null ? what : which)
        .execute();
  }

  private static boolean isCounted(Session session, String piece, String queue, int changed) {
    return session
            .update(Sql.ACTION_COUNT)
            .bind("piece", piece)
            .bind("queue", queue)
            .bind("changed", changed)
            .execute()
        > 0;
  }
}
