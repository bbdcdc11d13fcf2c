package dev.lease.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Set;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips the slowest tests of a contract. Use it if another class runs them on the same store and
 * this one runs the contract in another way, such as with a running clock, or if the build has no
 * time for them.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(WithoutLongRuns.Condition.class)
public @interface WithoutLongRuns {

  /**
   * The tags of the tests to skip.
   *
   * @return some of {@code race}, {@code model}, {@code history} and {@code state}, each call in
   *     each state; the first three by default
   */
  String[] value() default {Tags.RACE, Tags.MODEL, Tags.HISTORY};

  /** Skips the tests that the annotation names. */
  final class Condition implements ExecutionCondition {

    /** Called by JUnit. */
    public Condition() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      Set<String> left =
          context
              .getTestClass()
              .map(test -> test.getAnnotation(WithoutLongRuns.class))
              .map(annotation -> Set.of(annotation.value()))
              .orElse(Set.of());
      return context.getTags().stream().anyMatch(left::contains)
          ? ConditionEvaluationResult.disabled("left out, see @WithoutLongRuns")
          : ConditionEvaluationResult.enabled("not named by @WithoutLongRuns");
    }
  }
}
