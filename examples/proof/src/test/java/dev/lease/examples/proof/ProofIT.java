package dev.lease.examples.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.examples.shared.StoreName;
import dev.lease.testkit.server.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The proof on SQLite, or on the stores that the system property {@code proof.stores} names. */
@Tag("slow")
class ProofIT {

  private static final List<ProofWay> WAYS = List.of(ProofWay.values());
  private static final List<ProofStrike> STRIKES = List.of(ProofStrike.values());
  private static final Duration LEASE = Duration.ofSeconds(1);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory;

  static Stream<String> stores() {
    return Stream.of(System.getProperty("proof.stores", "sqlite").split(","));
  }

  private StoreName name(String store) {
    return new StoreName(
        switch (store) {
          case "sqlite" -> "sqlite:" + directory.resolve("proof.db");
          case "postgresql" -> TestServers.postgresql().newDatabase();
          case "mariadb" -> TestServers.mariadb().newDatabase();
          case "redis" -> TestServers.redis();
          default -> throw new IllegalArgumentException("proof.stores knows no " + store);
        });
  }

  @ParameterizedTest
  @MethodSource("stores")
  void eachEffectIsMadeOnceAndWithoutStepsOrKeysMoreThanOnce(String store) throws Exception {
    StoreName name = name(store);
    Proof proof = Proof.run(ProofWorkerCommand.class, name, WAYS, STRIKES, LEASE, directory);
    System.out.println(proof);

    assertThat(proof.failures()).isEmpty();
    assertThat(proof.results()).hasSize(name.isRedis() ? 8 : 11);
    for (ProofResult result : proof.results()) {
      assertThat(result.points())
          .extracting(ProofResult.Point::point)
          .isEqualTo(result.way().points(result.strike(), name));
      assertThat(result.points())
          .filteredOn(point -> !point.taken())
          .as("jobs that no other worker went on with")
          .allMatch(point -> point.point().isInStep() || isAtTheEnd(point.point()));
    }
  }

  @Test
  void itSeesStepsThatKeepNothing() throws Exception {
    assertThat(failures(BrokenWorker.KeepsNothing.class, ProofWay.STEPS, ProofStrike.KILL))
        .anyMatch(
            failure -> failure.contains("before the settlement") && failure.contains("4 doubled"));
  }

  @Test
  void itSeesSettlementsThatAreAcceptedFromWhoHasLostTheJob() throws Exception {
    assertThat(failures(BrokenWorker.Tokenless.class, ProofWay.KEYS, ProofStrike.MEET))
        .anyMatch(failure -> failure.contains("before the settlement"))
        .allMatch(failure -> failure.contains("disturbed"));
  }

  @ParameterizedTest
  @MethodSource("stores")
  void aStatementIsMadeOnceAfterAllOrdersAndItsSumIsExact(String store) throws Exception {
    GraphResult result = graph(GraphWorkerCommand.class, name(store));
    System.out.println(result);

    assertThat(result.failures()).isEmpty();
    assertThat(result.takenOver()).isPositive();
    assertThat(result.repeated()).isPositive();
    assertThat(result.attempts()).isGreaterThan(1);
  }

  @Test
  void itSeesAStatementThatDoesNotWaitForTheOrders() throws Exception {
    assertThat(graph(BrokenWorker.EndsAtClaim.class, name("sqlite")).failures())
        .contains("the statement began before the last order had ended")
        .anyMatch(failure -> failure.startsWith("the sum: "));
  }

  @Test
  void itSeesOrdersThatAreGivenTwice() throws Exception {
    assertThat(graph(BrokenWorker.GivesTwice.class, name("sqlite")).failures())
        .singleElement()
        .asString()
        .startsWith("jobs that two attempts held at once: ");
  }

  private GraphResult graph(Class<?> program, StoreName name) throws Exception {
    try (GraphRun run = new GraphRun(program, name, GraphPlan.of(1_200, 3), LEASE, directory)) {
      return run.run(3);
    }
  }

  private List<String> failures(Class<?> program, ProofWay way, ProofStrike strike)
      throws Exception {
    return Proof.run(program, name("sqlite"), List.of(way), List.of(strike), LEASE, directory)
        .failures();
  }

  private static boolean isAtTheEnd(ProofPoint point) {
    return point.name().endsWith("settlement") || point.equals(ProofPoint.after("confirm"));
  }
}
