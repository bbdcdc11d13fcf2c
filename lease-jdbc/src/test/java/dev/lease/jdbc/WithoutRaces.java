package dev.lease.jdbc;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Leaves the races to the class that runs them on the same database with a clock that runs on: they
 * take most of the time, and learn nothing from a clock that stands.
 */
final class WithoutRaces implements ExecutionCondition {

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return context.getTags().contains("race")
        ? ConditionEvaluationResult.disabled("races are run with the clock that runs on")
        : ConditionEvaluationResult.enabled("no race");
  }
}
