package dev.lease.console;

import java.io.Serial;

/** Why a request is not served, with the status that says so. */
final class Refusal extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  private final int status;
  private final String words;

  Refusal(int status, String words) {
    super(words, null, false, false);
    this.status = status;
    this.words = words;
  }

  int status() {
    return status;
  }

  String words() {
    return words;
  }
}
