package dev.lease.testkit;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.MethodDescriptor;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.MethodOrdererContext;
import org.junit.jupiter.api.Tag;

/**
 * In which order the tests of a contract run. Each call in each state comes first, then the models
 * and what else is made by a rule: those tests list and count thousands of times, and other tests
 * leave thousands of jobs behind. Races come last: they leave thousands of queues, and every count
 * walks over all of them.
 */
final class RunOrder implements MethodOrderer {

  private static final List<String> FIRST = List.of(Tags.STATE, Tags.MODEL, Tags.RULE);

  @Override
  public void orderMethods(MethodOrdererContext context) {
    context.getMethodDescriptors().sort(Comparator.comparingInt(RunOrder::place));
  }

  private static int place(MethodDescriptor test) {
    if (isTagged(test, Tags.RACE)) {
      return FIRST.size() + 1;
    }
    int place = 0;
    while (place < FIRST.size() && !isTagged(test, FIRST.get(place))) {
      place++;
    }
    return place;
  }

  private static boolean isTagged(MethodDescriptor test, String tag) {
    return test.findRepeatableAnnotations(Tag.class).stream()
        .anyMatch(found -> found.value().equals(tag));
  }
}
