package dev.lease.redis;

/** Nothing was sent, because there was no connection to send it on. */
final class NoConnectionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NoConnectionException(Throwable cause) {
    super("no connection: " + RedisErrors.reason(cause), cause);
  }
}
