package dev.lease.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Puts the clause before the message of a failure, and after it what the test had done. */
final class WhatFailed implements TestExecutionExceptionHandler {

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    if (failure instanceof TestAbortedException || failure instanceof VirtualMachineError) {
      throw failure;
    }
    var contract = (StoreContract) context.getRequiredTestInstance();
    String found = failure instanceof AssertionError ? failure.getMessage() : failure.toString();
    String message = context.getDisplayName() + "\n" + found + "\n" + contract.calls;
    if (contract.isLate()) {
      abort("The machine was too slow for a store whose time is real. " + message);
    }
    var explained = new AssertionError(message, failure);
    explained.setStackTrace(failure.getStackTrace());
    throw explained;
  }
}
