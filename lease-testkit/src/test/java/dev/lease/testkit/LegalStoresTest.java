package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobAdmin;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Stores that are odd, and that the contract allows: the kit has nothing against them. */
class LegalStoresTest {

  private static void assertGreen(Parts store) {
    assertThat(KitRun.failures(store, false, List.of(KitRun.Jobs.class, KitRun.Admins.class)))
        .isEmpty();
    assertThat(KitRun.failuresOfRules(store)).isEmpty();
  }

  /** As a store whose pages are as large as it can read at once, such as DynamoDB. */
  @Test
  void pagesMayBeShorterThanTheirLimitAndEmpty() {
    assertGreen(
        new Parts() {
          @Override
          JobAdmin jobAdmin(InMemorySession session) {
            return new InMemoryJobAdmin(session) {
              @Override
              JobPage list(InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                int atOnce = Math.max(3, data.inOrder(query.filter().queue()).size() / 20);
                return super.list(
                    data, now, query.examineAtMost(Math.min(atOnce, query.examineAtMost())), after);
              }
            };
          }
        });
  }

  /** As a store that sweeps, or whose server lets keys expire. */
  @Test
  void jobsMayGoByThemselvesOnceTheirKeepIsOver() {
    assertGreen(
        new Parts() {
          @Override
          InMemorySession session(InMemoryData data) {
            return new InMemorySession(data) {
              @Override
              <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
                return super.run(
                    (all, now) -> {
                      all.inOrder(null).stream()
                          .filter(job -> job.isKeptNoLonger(now))
                          .forEach(all::remove);
                      return operation.apply(all, now);
                    });
              }
            };
          }
        });
  }

  @Test
  void hintsMayBeForNothingAndTwice() {
    assertGreen(
        new Parts() {
          @Override
          InMemoryData data(InstantSource clock) {
            return new InMemoryData(clock) {
              @Override
              void wake(String queue) {
                queueNames().forEach(super::wake);
                super.wake(queue);
              }
            };
          }
        });
  }
}
