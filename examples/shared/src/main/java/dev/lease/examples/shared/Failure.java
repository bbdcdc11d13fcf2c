package dev.lease.examples.shared;

import dev.lease.Limits;

/** Errors in one line, without passwords. */
public final class Failure {

  private Failure() {}

  /**
   * Tells what went wrong.
   *
   * @param failure the error
   * @return the first line of its message, which a terminal can show
   */
  public static String inWords(Throwable failure) {
    String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    String line = message.lines().findFirst().orElse("");
    return Limits.oneLine(line.replaceAll("(?i)(password=)[^&\\s]+", "$1***"));
  }
}
