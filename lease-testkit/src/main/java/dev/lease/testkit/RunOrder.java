package dev.lease.testkit;

import java.util.Comparator;
import org.junit.jupiter.api.MethodDescriptor;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.MethodOrdererContext;
import org.junit.jupiter.api.Tag;

/**
 * In which order the tests of a contract run. Each call in each state comes first: those tests list
 * and count thousands of times, and other tests leave thousands of jobs behind. Races come last:
 * they leave thousands of queues, and every count walks over all of them.
 */
final class RunOrder implements MethodOrderer {

  @Override
  public void orderMethods(MethodOrdererContext context) {
    context.getMethodDescriptors().sort(Comparator.comparingInt(RunOrder::place));
  }

  private static int place(MethodDescriptor test) {
    return isTagged(test, Tags.STATE) ? 0 : isTagged(test, Tags.RACE) ? 2 : 1;
  }

  private static boolean isTagged(MethodDescriptor test, String tag) {
    return test.findRepeatableAnnotations(Tag.class).stream()
        .anyMatch(found -> found.value().equals(tag));
  }
}
