package dev.lease.worker;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Makes the text of an exception, with its stack trace, even if its own methods throw [W04]. */
final class ErrorText {

  private ErrorText() {}

  static String of(Throwable failure) {
    try {
      var text = new StringWriter();
      failure.printStackTrace(new PrintWriter(text));
      return text.toString();
    } catch (Throwable broken) {
      return "%s (printing it failed with %s)"
          .formatted(failure.getClass().getName(), broken.getClass().getName());
    }
  }
}
