package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** On SQLite, or on the stores that the system property {@code proof.stores} names. */
class ProofIT {

  private static final Duration LEASE = Duration.ofSeconds(1);

  @TempDir private Path directory;

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
  void eachEffectIsMadeOnceAndWithoutStepsAndKeysMoreThanOnce(String store) throws Exception {
    StoreName name = name(store);
    List<ProofWay> ways = List.of(ProofWay.values());
    List<ProofStrike> strikes = List.of(ProofStrike.values());
    Proof proof = Proof.run(name, ways, strikes, LEASE, directory);
    System.out.println(proof);

    assertThat(proof.failures()).isEmpty();
    long possible = ways.stream().filter(way -> way.isPossibleOn(name)).count();
    assertThat(proof.results()).hasSize((int) possible * strikes.size());
    for (ProofResult result : proof.results()) {
      assertThat(result.points())
          .extracting(ProofResult.Point::point)
          .isEqualTo(result.way().points());
      assertThat(result.points())
          .filteredOn(point -> !point.taken())
          .as("jobs that no other worker went on with")
          .allMatch(point -> point.point().isInStep() || isAtTheEnd(point.point()));
    }
  }

  private static boolean isAtTheEnd(ProofPoint point) {
    return point.name().endsWith("settlement") || point.equals(ProofPoint.after("confirm"));
  }
}
