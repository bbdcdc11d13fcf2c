package dev.lease.redis;

import io.lettuce.core.RedisCommandExecutionException;

/** The server has done what a call asked for, and says that it is not as safe as it must be. */
final class NotConfirmedException extends RedisCommandExecutionException {

  private static final long serialVersionUID = 1L;

  NotConfirmedException(String message, Throwable cause) {
    super(message, cause);
  }

  NotConfirmedException(String message) {
    super(message);
  }
}
