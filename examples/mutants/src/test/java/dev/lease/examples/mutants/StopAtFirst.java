package dev.lease.examples.mutants;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips what is left of a run once a test has failed, and the tests of other databases that a class
 * of lease-jdbc may have. It is found as a service.
 */
public final class StopAtFirst implements ExecutionCondition {

  static volatile boolean hasFailed;

  /** Called by JUnit. */
  public StopAtFirst() {}

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return hasFailed || context.getDisplayName().matches("(?i).*\\b(postgresql|mariadb)\\b.*")
        ? ConditionEvaluationResult.disabled("a test has failed, or it is of another database")
        : ConditionEvaluationResult.enabled("no test has failed");
  }
}
