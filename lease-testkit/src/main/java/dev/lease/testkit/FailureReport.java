package dev.lease.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import java.util.Collections;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Puts the clause before the message of a failure, and after it what the test had done. */
final class FailureReport implements TestExecutionExceptionHandler {

  /** Tests that hold whenever a lease ends, so that a slow machine is no excuse. */
  private static final Set<String> GO_BY_THEIR_OWN_TIME =
      Set.of(Tags.RACE, Tags.MODEL, Tags.HISTORY, Tags.NETWORK);

  private final CallLog calls;
  private final BooleanSupplier isLate;

  FailureReport(CallLog calls, BooleanSupplier isLate) {
    this.calls = calls;
    this.isLate = isLate;
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    if (failure instanceof TestAbortedException || failure instanceof VirtualMachineError) {
      throw failure;
    }
    String found = failure instanceof AssertionError ? failure.getMessage() : failure.toString();
    String message = context.getDisplayName() + "\n" + found + "\n" + calls;
    if (isLate.getAsBoolean() && Collections.disjoint(context.getTags(), GO_BY_THEIR_OWN_TIME)) {
      abort("The machine was too slow for a store whose time is real. " + message);
    }
    var explained = new AssertionError(message, failure);
    explained.setStackTrace(failure.getStackTrace());
    throw explained;
  }
}
