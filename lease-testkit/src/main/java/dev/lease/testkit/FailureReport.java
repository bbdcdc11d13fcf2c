package dev.lease.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Puts the test's clause in front of a failure's message, and the calls of the test after it. */
final class FailureReport implements TestExecutionExceptionHandler {

  private final CallLog calls;
  private final BooleanSupplier isLate;
  private final IntSupplier kitVersion;

  FailureReport(CallLog calls, BooleanSupplier isLate, IntSupplier kitVersion) {
    this.calls = calls;
    this.isLate = isLate;
    this.kitVersion = kitVersion;
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    if (failure instanceof TestAbortedException || failure instanceof VirtualMachineError) {
      throw failure;
    }
    String found =
        failure instanceof AssertionError
            ? String.valueOf(failure.getMessage())
            : failure.toString();
    Set<String> tags = context.getTags();
    String text = tags.contains(Tags.HISTORY) ? found + "\n" : LongLists.shortened(found);
    // These print a whole test; the last calls are those that made it short.
    boolean hasTest = tags.contains(Tags.MODEL) || tags.contains(Tags.STATE);
    String what = hasTest ? found : text + calls;
    String message = context.getDisplayName() + "\n" + what;
    int since = KitVersion.of(context.getRequiredTestMethod());
    if (since > kitVersion.getAsInt()) {
      abort(
          "The test came with version %d of the kit, and kitVersion() of the fixture is %d. It failed: %s"
              .formatted(since, kitVersion.getAsInt(), message));
    }
    if (isLate.getAsBoolean() && Collections.disjoint(tags, Tags.BROAD)) {
      abort(
          "The machine was too slow for a store with real time, so this failure proves nothing. "
              + message);
    }
    throw explained(message, failure);
  }

  /**
   * Leaves assertions out of the causes: each printed cause repeats its message, and this one has
   * that of an assertion. What those had with them stays, such as a failure while closing.
   */
  private static AssertionError explained(String message, Throwable failure) {
    List<Throwable> suppressed = new ArrayList<>();
    @Nullable Throwable cause = failure;
    for (int depth = 0; cause instanceof AssertionError && depth < Thrown.DEEPEST; depth++) {
      suppressed.addAll(List.of(cause.getSuppressed()));
      cause = cause.getCause();
    }
    var explained = new AssertionError(message, cause);
    explained.setStackTrace(failure.getStackTrace());
    suppressed.forEach(explained::addSuppressed);
    return explained;
  }
}
