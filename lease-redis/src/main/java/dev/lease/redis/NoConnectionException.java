package dev.lease.redis;

/**
 * Nothing was sent, because there was no connection to send it on. The message names the server.
 */
final class NoConnectionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NoConnectionException(String message, Throwable cause) {
    super(message, cause);
  }
}
