package dev.lease.redis;

import dev.lease.Limits;
import io.lettuce.core.RedisCommandExecutionException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Reads the errors that Redis and Lettuce report. */
final class RedisErrors {

  /**
   * Refusals of the first write of a script, when it has changed nothing yet: the memory is full,
   * there are too few replicas, or Redis cannot write to its disk.
   */
  private static final List<String> REFUSED_WRITES =
      List.of("OOM command not allowed", "NOREPLICAS ", "MISCONF ");

  /** A server reads its data, has lost its master, or is of a cluster that is not whole. */
  private static final List<String> NOT_READY = List.of("LOADING", "MASTERDOWN", "CLUSTERDOWN");

  /** The error of a script about a row that a later version of Lease has written. */
  private static final String LATER = "LATER";

  private RedisErrors() {}

  /** The error itself, without the exceptions that a future wraps around it. */
  static Throwable unwrapped(Throwable e) {
    return Limits.causes(e)
        .filter(
            each -> !(each instanceof ExecutionException || each instanceof CompletionException))
        .findFirst()
        .orElse(e);
  }

  /** The reason for an error, in one line for a message. */
  static String reason(Throwable e) {
    List<Throwable> causes = Limits.causes(e).toList();
    Throwable cause =
        causes.stream()
            .filter(
                each ->
                    each instanceof NoConnectionException || each instanceof NotConfirmedException)
            .findFirst()
            .orElse(causes.get(causes.size() - 1));
    String message = cause.getMessage();
    if (cause instanceof SslHandshakeTimeoutException) {
      return Limits.oneLine(String.valueOf(message)) + ", does the server speak TLS at that port?";
    }
    if (message == null && cause instanceof TimeoutException) {
      return "no answer in time";
    }
    return Limits.oneLine(
        message == null ? cause.toString() : message.lines().findFirst().orElse(""));
  }

  /** Whether no server answered, or one that starts: it may let the store open later. */
  static boolean isDown(Throwable e) {
    return Limits.causes(e)
        .flatMap(
            each ->
                Stream.concat(
                    Stream.of(each), Stream.of(each.getSuppressed()).flatMap(Limits::causes)))
        .allMatch(RedisErrors::mayPass);
  }

  private static boolean mayPass(Throwable e) {
    return e instanceof RedisCommandExecutionException
        ? NOT_READY.stream().anyMatch(code -> hasCode(e, code))
        : !(e instanceof SSLException) || e instanceof SslHandshakeTimeoutException;
  }

  /** Whether Redis answered with this error code, such as {@code MOVED}. */
  static boolean hasCode(Throwable e, String code) {
    return String.valueOf(unwrapped(e).getMessage()).startsWith(code);
  }

  /** Whether a replica refused to write. Redis 6.2 says so inside its message on the script. */
  static boolean isReadOnly(Throwable refusal) {
    return String.valueOf(refusal.getMessage()).contains("READONLY ");
  }

  /** Whether a server refused to confirm writes because it is a replica. */
  static boolean isOfReplica(Throwable refusal) {
    return String.valueOf(refusal.getMessage()).contains("cannot be used with replica");
  }

  /** Whether this is an answer of Redis that says that the command changed nothing. */
  static boolean changedNothing(Throwable e) {
    return e instanceof RedisCommandExecutionException
        && !(e instanceof NotConfirmedException)
        && (isReadOnly(e) || hasCode(e, LATER) || !isInsideScript(e));
  }

  /** Whether a script failed on the way. What it wrote before it failed stays written. */
  private static boolean isInsideScript(Throwable refusal) {
    String message = String.valueOf(refusal.getMessage());
    return REFUSED_WRITES.stream().noneMatch(message::contains)
        && (message.contains("user_script") || message.contains("script: "));
  }
}
