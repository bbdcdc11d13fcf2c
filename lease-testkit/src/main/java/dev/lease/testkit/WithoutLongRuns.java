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
 * Leaves the tests of a contract that take longest to another class that runs the same contract on
 * the same store in another way, such as with a clock that runs on. They are shown as skipped.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(WithoutLongRuns.Condition.class)
public @interface WithoutLongRuns {

  /**
   * What is left out, by tag.
   *
   * @return some of {@code race}, {@code model}, {@code history}; all of them, unless given
   */
  String[] value() default {Tags.RACE, Tags.MODEL, Tags.HISTORY};

  /** Reads the annotation. */
  final class Condition implements ExecutionCondition {

    /** For JUnit. */
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
          ? ConditionEvaluationResult.disabled("left to another class")
          : ConditionEvaluationResult.enabled("not left to another class");
    }
  }
}
