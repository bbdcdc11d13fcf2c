package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Tests the kit itself: each broken store must fail in the clause that it breaks. */
class BrokenStoresTest {

  private static final List<Class<? extends StoreContract>> LEASES = List.of(KitRun.Leases.class);

  private static final List<Class<? extends StoreContract>> JOBS =
      List.of(KitRun.Jobs.class, KitRun.Admins.class, KitRun.Limits.class, KitRun.Graphs.class);

  private static final int MOST_TRIES = 20;

  @Test
  void theReferencePasses() {
    assertThat(KitRun.failures(new Parts(), true, LEASES)).isEmpty();
    assertThat(KitRun.failures(new Parts(), true, JOBS)).isEmpty();
    assertThat(KitRun.failuresOfRules(new Parts(), LEASES)).isEmpty();
    assertThat(KitRun.failuresOfRules(new Parts(), JOBS)).isEmpty();
  }

  /** What a store over stores has; and its claims search the queue in parts. */
  @Test
  void aStoreWithPlacesAndPartsPasses() throws Exception {
    var parts =
        new Parts() {
          @Override
          Set<Capability> capabilities() {
            return EnumSet.allOf(Capability.class);
          }

          @Override
          JobQueue jobQueue(InMemorySession session) {
            return new SearchesInParts(session);
          }

          @Override
          InMemoryData data(InstantSource clock) {
            return new InMemoryData(clock) {
              @Override
              InMemoryJob newJob(NewJob input, Instant now) {
                return placed(input, super.newJob(input, now).place(), now);
              }
            };
          }
        };
    assertThat(KitRun.failures(parts, false, JOBS)).isEmpty();
    assertThat(KitRun.failuresOfRules(parts, JOBS)).isEmpty();
    ModelKind.ADMIN.of(parts).run(1, 10);
  }

  /** A job whose lease counts only with the place that the claim gave it. */
  private static InMemoryJob placed(NewJob input, long place, Instant now) {
    return new InMemoryJob(input, place, now) {
      @Override
      JobLease lease(String worker, Instant expiresAt) {
        return super.lease(worker, expiresAt).withPlace(shard());
      }

      private String shard() {
        return "shard " + queue().hashCode();
      }

      @Override
      boolean isHeldBy(JobLease lease) {
        return super.isHeldBy(lease) && shard().equals(lease.place());
      }
    };
  }

  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> allAreCaughtByTheirClause() {
    return each(BrokenStores.ALL.stream(), BrokenStoresTest::assertCaught);
  }

  @TestFactory
  @Tag("nightly")
  Stream<DynamicTest> caughtByNoOtherClauseThanItsNeighbours() {
    return each(BrokenStores.ALL.stream(), BrokenStoresTest::assertCaughtAlone);
  }

  private static Stream<DynamicTest> each(Stream<BrokenStore> stores, Consumer<BrokenStore> check) {
    // More than cores, since some stores let the kit wait for what never comes.
    ExecutorService threads = Executors.newFixedThreadPool(8);
    // One by one, since the clause sets the JVM's time zone, and its stores read it.
    ExecutorService zones = Executors.newSingleThreadExecutor();
    Map<BrokenStore, Future<?>> runs = new LinkedHashMap<>();
    // The longest first: where hints do not come, the kit waits, and races run until two calls
    // meet.
    stores
        .sorted(Comparator.comparing(store -> !List.of("Q55", "Q59").contains(store.clause())))
        .forEach(
            store -> {
              ExecutorService executor = store.clause().equals("Q53") ? zones : threads;
              runs.put(store, executor.submit(() -> check.accept(store)));
            });
    threads.shutdown();
    zones.shutdown();
    return runs.entrySet().stream()
        .map(run -> DynamicTest.dynamicTest(run.getKey().toString(), run.getValue()::get))
        .onClose(threads::shutdownNow)
        .onClose(zones::shutdownNow);
  }

  /** Only the clause is asked. */
  private static Map<String, String> assertCaught(BrokenStore store) {
    Map<String, String> failures =
        untilItHadItsChance(
            store, () -> KitRun.failures(store.parts(), store.isRacy(), store.clause()));
    assertThat(failures.keySet())
        .as("the clause that fails for a store where %s: %s", store.how(), failures)
        .containsExactly(store.clause());
    return failures;
  }

  /** The clause is asked, and then all. */
  private static void assertCaughtAlone(BrokenStore store) {
    List<Class<? extends StoreContract>> contracts = store.clause().startsWith("L") ? LEASES : JOBS;
    Map<String, String> failures = assertCaught(store);
    failures.putAll(KitRun.failures(store.parts(), store.isRacy(), contracts));

    Set<String> expected = new TreeSet<>(store.neighbours());
    if (store.isRacy()) {
      expected.retainAll(failures.keySet());
    }
    expected.add(store.clause());
    assertThat(failures.keySet())
        .as("the clauses that fail for a store where %s: %s", store.how(), failures)
        .isEqualTo(expected);
  }

  /**
   * On a busy machine one of two racing calls may end before the other begins, every time. A store
   * whose fault needs both at once is tried again until it has had its chance to be wrong.
   */
  private static Map<String, String> untilItHadItsChance(
      BrokenStore store, Supplier<Map<String, String>> run) {
    for (int tries = 1; ; tries++) {
      store.parts().forgetChances();
      Map<String, String> failures = run.get();
      if (store.parts().hadItsChance()) {
        return failures;
      }
      assertThat(tries)
          .as("tries in which no call came between the check and the write of another")
          .isLessThan(MOST_TRIES);
    }
  }

  @Test
  void thereAreManyAndNoneTwice() {
    assertThat(BrokenStores.ALL).hasSizeGreaterThanOrEqualTo(90);
    assertThat(BrokenStores.ALL).extracting(BrokenStore::toString).doesNotHaveDuplicates();
    assertThat(BrokenStores.ALL)
        .extracting(BrokenStore::how)
        .as("the policies are of broken stores")
        .containsAll(BrokenStores.POLICIES.keySet());
  }

  @Test
  void eachClauseHasABrokenStoreOrAReason() throws Exception {
    Set<String> covered = BrokenStores.clauses();
    assertThat(covered).doesNotContainAnyElementsOf(BrokenStores.UNBROKEN.keySet());
    covered.addAll(BrokenStores.UNBROKEN.keySet());
    assertThat(covered).isEqualTo(Clauses.all());
  }

  @Test
  void thePageIsUpToDate() throws Exception {
    Path made = Path.of("target", "broken-stores.md");
    Files.createDirectories(made.getParent());
    Files.writeString(made, BrokenStores.page());

    assertThat(Path.of("BROKEN-STORES.md"))
        .as("lease-testkit/BROKEN-STORES.md; if not, copy lease-testkit/target/broken-stores.md")
        .exists()
        .content()
        .isEqualTo(BrokenStores.page());
  }
}
