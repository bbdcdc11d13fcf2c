package dev.lease.examples.mutants;

import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips what is left of a run once a test has failed, and the tests of other databases that a class
 * of lease-jdbc may have. It is found as a service.
 */
public final class StopAtFirst implements ExecutionCondition {

  static volatile boolean hasFailed;

  private static volatile Pattern others = Pattern.compile("(?!)");

  /** Before the first test. */
  static void begin(Store store) {
    hasFailed = false;
    others = Pattern.compile("(?i)\\b(" + store.otherDatabases() + ")\\b");
  }

  /** Called by JUnit. */
  public StopAtFirst() {}

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return hasFailed || others.matcher(context.getDisplayName()).find()
        ? ConditionEvaluationResult.disabled("a test has failed, or it is of another database")
        : ConditionEvaluationResult.enabled("no test has failed");
  }
}
