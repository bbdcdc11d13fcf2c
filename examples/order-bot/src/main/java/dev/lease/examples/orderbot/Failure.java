package dev.lease.examples.orderbot;

/** Errors as people read them: one line, without passwords. */
final class Failure {

  private Failure() {}

  static String inWords(Throwable failure) {
    String message = failure.getMessage();
    if (message == null
        || failure instanceof RuntimeException && isBug((RuntimeException) failure)) {
      message = failure.toString();
    }
    return message.lines().findFirst().orElse("").replaceAll("(?i)(password=)[^&\\s]+", "$1***");
  }

  private static boolean isBug(RuntimeException e) {
    return e instanceof NullPointerException || e instanceof ClassCastException;
  }
}
