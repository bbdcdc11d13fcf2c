package dev.lease.worker;

import java.util.Set;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Leaves the races, the models and the histories to the backends' own modules: they take most of
 * the time, and learn nothing from an injector.
 */
final class WithoutLongRuns implements ExecutionCondition {

  private static final Set<String> LONG = Set.of("race", "model", "history");

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return context.getTags().stream().anyMatch(LONG::contains)
        ? ConditionEvaluationResult.disabled("run in the backend's own module")
        : ConditionEvaluationResult.enabled("short");
  }
}
