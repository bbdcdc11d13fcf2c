package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TagsTest {

  /** Only the tests themselves call, and no thread that one of them started. */
  @Test
  void withoutRacesAndHistoriesNoTestCallsTheStoreFromAThreadOfItsOwn() {
    Set<String> callers = ConcurrentHashMap.newKeySet();
    Parts parts =
        new Parts() {
          @Override
          InMemorySession session(InMemoryData data) {
            return new InMemorySession(data) {
              @Override
              <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
                if (!KitRun.isTheTestItself()) {
                  callers.add(StackWalker.getInstance().walk(TagsTest::kitMethod));
                }
                return super.run(operation);
              }
            };
          }
        };

    KitRun.failures(
        parts, false, List.of(KitRun.Leases.class, KitRun.Jobs.class, KitRun.Admins.class));

    assertThat(callers).isEmpty();
  }

  private static String kitMethod(Stream<StackWalker.StackFrame> frames) {
    return frames
        .filter(frame -> frame.getClassName().endsWith("Contract"))
        .map(StackWalker.StackFrame::toString)
        .findFirst()
        .orElse("a thread without a test");
  }
}
