package dev.lease.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Puts the clause before the message of a failure, since many reports show no display names. */
final class ClauseInMessage implements TestExecutionExceptionHandler {

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    if (failure instanceof AssertionError) {
      String message = context.getDisplayName() + "\n" + failure.getMessage();
      var withClause = new AssertionError(message, failure);
      withClause.setStackTrace(failure.getStackTrace());
      throw withClause;
    }
    throw failure;
  }
}
