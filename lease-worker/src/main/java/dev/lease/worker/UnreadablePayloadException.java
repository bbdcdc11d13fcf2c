package dev.lease.worker;

/** This worker cannot read the payload of a job. Never seen by users. */
final class UnreadablePayloadException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Throwable reason;

  UnreadablePayloadException(Throwable reason) {
    super(reason);
    this.reason = reason;
  }

  Throwable reason() {
    return reason;
  }
}
