package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.util.concurrent.TimeoutException;

/** The server has done what a call asked for, but has not confirmed that it is safe. */
final class NotConfirmedException extends RedisCommandExecutionException {

  private static final long serialVersionUID = 1L;

  NotConfirmedException(String message, Throwable cause) {
    super(message, cause);
  }

  NotConfirmedException(String message) {
    super(message);
  }

  /** Whether the server said nothing at all. */
  boolean isOfSilence() {
    return getCause() instanceof TimeoutException;
  }
}
