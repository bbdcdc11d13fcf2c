package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The kit proves itself: each broken store is caught by the clause that it breaks. */
class BrokenStoresTest {

  private static final List<Class<? extends StoreContract>> LEASES = List.of(KitRun.Leases.class);
  private static final List<Class<? extends StoreContract>> JOBS =
      List.of(KitRun.Jobs.class, KitRun.Admins.class);

  @Test
  void theReferencePasses() {
    assertThat(KitRun.failures(new Parts(), LEASES)).isEmpty();
    assertThat(KitRun.failures(new Parts(), JOBS)).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> isCaughtByTheClauseThatItBreaks() {
    return Stream.of(BrokenGrants.ALL, BrokenTokens.ALL, BrokenRenewals.ALL, BrokenNames.ALL)
        .flatMap(List::stream)
        .map(store -> DynamicTest.dynamicTest(store.toString(), () -> assertCaught(store)));
  }

  private static void assertCaught(BrokenStore store) {
    boolean ofLeases = store.clause().startsWith("L");
    Map<String, String> failures = KitRun.failures(store.parts(), ofLeases ? LEASES : JOBS);

    Set<String> expected = new TreeSet<>(store.neighbours());
    expected.add(store.clause());
    assertThat(failures.keySet())
        .as("the clauses that fail for a store where %s: %s", store.how(), failures)
        .isEqualTo(expected);
  }
}
