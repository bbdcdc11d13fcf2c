package dev.lease.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lease.testkit.server.ServerKind.Way;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ServerKindTest {

  @Test
  void anAddressIsTakenBeforeAnythingElse() {
    assertThat(kind(() -> "container", () -> "embedded").url(Map.of("ADDRESS", "address")))
        .isEqualTo("address");
  }

  @Test
  void aContainerIsTakenBeforeAnEmbeddedServer() {
    assertThat(kind(() -> "container", () -> "embedded").url(Map.of())).isEqualTo("container");
  }

  @Test
  void anEmbeddedServerIsTakenWhereThereIsNoContainer() {
    assertThat(kind(ServerKindTest::withoutDocker, () -> "embedded").url(Map.of()))
        .isEqualTo("embedded");
    assertThat(kind(ServerKindTest::withoutLibrary, () -> "embedded").url(Map.of()))
        .isEqualTo("embedded");
  }

  @Test
  void aWayThatIsForcedIsTakenBeforeAnAddress() {
    ServerKind kind = kind(() -> "container", () -> "embedded");

    assertThat(kind.url(Map.of("LEASE_TEST_SERVERS", "containers", "ADDRESS", "address")))
        .isEqualTo("container");
    assertThat(kind.url(Map.of("LEASE_TEST_SERVERS", "embedded", "ADDRESS", "address")))
        .isEqualTo("embedded");
  }

  @Test
  void aWayThatIsForcedHasNoOtherBehindIt() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                kind(ServerKindTest::withoutDocker, () -> "embedded")
                    .url(Map.of("LEASE_TEST_SERVERS", "containers")))
        .withMessageContaining("Docker does not answer");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                kind(() -> "container", ServerKindTest::withoutLibrary)
                    .url(Map.of("LEASE_TEST_SERVERS", "embedded")))
        .withMessageContaining("embedded-library");
  }

  @Test
  void whereNothingWorksEachWayTellsItsReason() {
    assertThatIllegalStateException()
        .isThrownBy(
            () -> kind(ServerKindTest::withoutDocker, ServerKindTest::withoutLibrary).url(Map.of()))
        .withMessageContaining("Docker does not answer")
        .withMessageContaining("embedded-library");
  }

  @Test
  void anUnknownWayIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                kind(() -> "container", () -> "embedded")
                    .url(Map.of("LEASE_TEST_SERVERS", "docker", "ADDRESS", "address")))
        .withMessageContaining("docker");
  }

  @Test
  void aMissingDriverIsNamed() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                new DatabaseKind(
                        kind(() -> "container", () -> "embedded"), "the-driver", "jdbc:nothing:")
                    .start(Map.of()))
        .withMessageContaining("the-driver");
  }

  private static String withoutLibrary() {
    throw new NoClassDefFoundError();
  }

  private static String withoutDocker() {
    throw new IllegalStateException("Docker does not answer");
  }

  private static ServerKind kind(Supplier<String> container, Supplier<String> embedded) {
    return new ServerKind(
        "a server",
        "ADDRESS",
        new Way("container", "container-library", container),
        new Way("embedded server", "embedded-library", embedded));
  }
}
