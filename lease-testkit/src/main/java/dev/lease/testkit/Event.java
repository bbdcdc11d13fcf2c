package dev.lease.testkit;

import dev.lease.JobState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An event of one job or one name in a history: a call, as its caller saw it. */
sealed interface Event {

  /** What the caller learned from the reply. */
  enum Answer {
    /** Created, granted, extended, accepted, stored or found. */
    YES,
    /** Existing, held by another owner, lost or not found. */
    NO,
    /** Neither extended nor lost. */
    BUSY,
    /** There was no reply; the call may have taken effect. */
    UNKNOWN,
    /** The call had no effect. */
    NOT_DONE
  }

  Span span();

  /** The job's id or the lease's name; empty for an event that concerns all of them. */
  String key();

  Answer answer();

  /** The call and its reply in words, for the report. */
  String text();

  /** A call with a token, which only the holder may make. */
  sealed interface Write extends Event {
    long token();
  }

  /** An enqueue; NO means that the job existed. */
  record Enqueued(Span span, String key, Answer answer, int maxCrashes, int maxFailures)
      implements Event {
    @Override
    public String text() {
      return "enqueue with %d crashes, %d failures -> %s"
          .formatted(maxCrashes, maxFailures, heard("created", "existing"));
    }
  }

  /**
   * A claim or acquire; token and attempt are 0 if nothing was granted.
   *
   * @param failures how many earlier attempts failed, as the claim told it
   */
  record Granted(
      Span span, String key, Answer answer, Duration lease, long token, int attempt, int failures)
      implements Event {

    Granted(Span span, String key, Answer answer, Duration lease, long token, int attempt) {
      this(span, key, answer, lease, token, attempt, 0);
    }

    @Override
    public String text() {
      return attempt > 0 || key.isEmpty()
          ? "claim for %s -> %s"
              .formatted(
                  lease,
                  heard(
                      "token %d, attempt %d, failures %d".formatted(token, attempt, failures), ""))
          : "acquire for %s -> %s".formatted(lease, heard("token " + token, "held by another"));
    }
  }

  /** An extension or renewal. */
  record Extended(Span span, String key, Answer answer, long token, Duration lease)
      implements Write {
    @Override
    public String text() {
      return "extend %d for %s -> %s".formatted(token, lease, heard("held", "lost"));
    }
  }

  /** A settlement or release. */
  record Settled(
      Span span,
      String key,
      Answer answer,
      long token,
      SettlementKind how,
      Duration delay,
      String note)
      implements Write {

    /** True if both say the same, so that one may be the other one sent again. */
    boolean isSameAs(Settled other) {
      return token == other.token
          && how == other.how
          && delay.equals(other.delay)
          && note.equals(other.note);
    }

    @Override
    public String text() {
      String after = delay.isZero() ? "" : " after " + delay;
      String saying = note.isEmpty() ? "" : " '" + note + "'";
      return "settle %d as %s%s%s -> %s"
          .formatted(token, how, after, saying, heard("accepted", "lost"));
    }
  }

  /** A checkpoint; kept is the step's value in the reply, or empty without one. */
  record Checkpointed(
      Span span, String key, Answer answer, long token, String step, String value, String kept)
      implements Write {
    @Override
    public String text() {
      return "checkpoint %d %s '%s' -> %s"
          .formatted(token, step, value, heard("'" + kept + "'", "lost"));
    }
  }

  /** A report of progress. */
  record Progressed(Span span, String key, Answer answer, long token) implements Write {
    @Override
    public String text() {
      return "progress %d -> %s".formatted(token, heard("stored", "lost"));
    }
  }

  /** A find. State, attempts and note (the result or error) are set for jobs only. */
  record Found(
      Span span,
      String key,
      Answer answer,
      long token,
      @Nullable JobState state,
      int attempts,
      @Nullable String note)
      implements Event {
    @Override
    public String text() {
      String found =
          state == null
              ? "held with token " + token
              : "%s, token %d, attempts %d, '%s'".formatted(state, token, attempts, note);
      return "find -> " + heard(found, "nothing");
    }
  }

  /** A call of resetExpired. */
  record Reset(Span span, Answer answer, int count) implements Event {
    @Override
    public String key() {
      return "";
    }

    @Override
    public String text() {
      return "resetExpired -> " + heard(count + " changed", "");
    }
  }

  /** A piece of a graph that is sent, once or again; NO means that it was refused. */
  record Added(Span span, String key, Answer answer, boolean last) implements Event {
    @Override
    public String text() {
      return (last ? "all of the graph" : "its first piece") + " -> " + heard("there", "refused");
    }
  }

  /** What an operator does to a job; NO means that it changed nothing. */
  record Operated(Span span, String key, Answer answer, Act act) implements Event {
    enum Act {
      CANCEL,
      REQUEUE,
      DELETE
    }

    @Override
    public String text() {
      return act + " -> " + heard("changed", "left as it was");
    }
  }

  /** A move of the store's time. */
  record Advanced(Span span, Duration by) implements Event {
    @Override
    public String key() {
      return "";
    }

    @Override
    public Answer answer() {
      return Answer.YES;
    }

    @Override
    public String text() {
      return "the store's time moves on by " + by;
    }
  }

  /**
   * True unless the call is known to have changed nothing. If it was sent twice, a NO may answer
   * the second.
   */
  default boolean mayHaveHappened() {
    return answer() == Answer.YES
        || answer() == Answer.UNKNOWN
        || (span().twice() && answer() != Answer.NOT_DONE);
  }

  /** The reply in words. */
  default String heard(String yes, String no) {
    String words =
        switch (answer()) {
          case YES -> yes;
          case NO -> no;
          case BUSY -> "busy";
          case UNKNOWN -> "no reply: done or not done";
          case NOT_DONE -> "not done";
        };
    return span().twice() ? words + " (the reply to the second of two sends)" : words;
  }
}
