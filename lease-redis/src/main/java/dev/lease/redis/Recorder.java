package dev.lease.redis;

import dev.lease.Operator;
import dev.lease.OperatorAction.Kind;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Tells a script who acts; it records what it changes [Q88]. */
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
   * A recorder for a piece of many jobs, which have one record in each queue. Its number grows with
   * each job, because each is changed by a script of its own.
   *
   * @param which which jobs, in words
   */
  Recorder inPiece(String which) {
    return operator == null ? this : new Recorder(operator, UUID.randomUUID().toString(), which);
  }

  /**
   * The act of a script that finds out itself what it changes.
   *
   * @param id the job
   * @return the text for lib/actions.lua, or the empty text if nobody is to be recorded
   */
  String change(String id) {
    return begin(Kind.CHANGE, id);
  }

  /**
   * The act of a script.
   *
   * @param id the job; empty if the act is not about one job
   * @param what what it changes
   * @return the text for lib/actions.lua, or the empty text if nobody is to be recorded
   */
  String act(Kind kind, String id, String what) {
    return operator == null
        ? ""
        : begin(kind, piece == null ? id : "")
            + (piece == null ? what : which)
            + JobCodec.SEPARATOR;
  }

  private String begin(Kind kind, String id) {
    if (operator == null) {
      return "";
    }
    String key = piece == null ? UUID.randomUUID().toString() : piece;
    return String.join(
        JobCodec.SEPARATOR, key, operator.name(), operator.reason(), kind.name(), id, "");
  }
}
