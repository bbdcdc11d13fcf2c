package dev.lease.worker;

import java.io.PrintWriter;
import java.io.StringWriter;

/** The text of a failure, with its stack trace, whatever the failure does to prevent it [W04]. */
final class ErrorText {

  private ErrorText() {}

  static String of(Throwable failure) {
    try {
      var text = new StringWriter();
      failure.printStackTrace(new PrintWriter(text));
      return text.toString();
    } catch (Throwable broken) {
      return failure.getClass().getName() + ", whose text failed: " + broken.getClass().getName();
    }
  }
}
