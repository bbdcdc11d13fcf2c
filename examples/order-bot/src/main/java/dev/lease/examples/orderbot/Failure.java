package dev.lease.examples.orderbot;

/** Errors in one line, without passwords. */
final class Failure {

  private Failure() {}

  static String inWords(Throwable failure) {
    String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return message.lines().findFirst().orElse("").replaceAll("(?i)(password=)[^&\\s]+", "$1***");
  }
}
