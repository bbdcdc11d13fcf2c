package dev.lease.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import java.util.Collections;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Puts the clause before the message of a failure, and after it what the test had done. */
final class FailureReport implements TestExecutionExceptionHandler {

  /** Tests that hold whenever a lease ends, so that a slow machine is no excuse. */
  private static final Set<String> GO_BY_THEIR_OWN_TIME =
      Set.of(Race.TAG, ModelCheck.TAG, HistoryRun.TAG, NetworkContract.TAG);

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    if (failure instanceof TestAbortedException || failure instanceof VirtualMachineError) {
      throw failure;
    }
    var contract = (StoreContract) context.getRequiredTestInstance();
    String found = failure instanceof AssertionError ? failure.getMessage() : failure.toString();
    String message = context.getDisplayName() + "\n" + found + "\n" + contract.calls;
    if (contract.isLate() && Collections.disjoint(context.getTags(), GO_BY_THEIR_OWN_TIME)) {
      abort("The machine was too slow for a store whose time is real. " + message);
    }
    var explained = new AssertionError(message, failure);
    explained.setStackTrace(failure.getStackTrace());
    throw explained;
  }
}
