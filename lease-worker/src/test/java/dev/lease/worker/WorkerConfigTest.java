package dev.lease.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class WorkerConfigTest {

  @Test
  void defaults() {
    WorkerConfig config = WorkerConfig.builder().build();
    int processors = Runtime.getRuntime().availableProcessors();
    assertThat(config.name()).matches(".+-[0-9a-f]+");
    assertThat(config.concurrency()).isEqualTo(processors);
    assertThat(config.leaseDuration()).hasSeconds(30);
    assertThat(config.pollInterval()).hasSeconds(1);
    assertThat(config.extendAfter()).isEqualTo(1.0 / 3);
    assertThat(config.lookAhead()).isEqualTo(1_000);
    assertThat(config.shutdownHook()).isTrue();
    assertThat(config.stopGrace()).hasSeconds(8);
    assertThat(config.maxBackoff()).hasSeconds(30);
    assertThat(config.unknownTypeDelay()).hasSeconds(10);
    assertThat(config.idempotencyKeyPrefix()).isEqualTo("lease:");
    assertThat(config.purgeInterval()).hasMinutes(1);
  }

  @Test
  void slotsAndTurnsOfAQueueAreSetApart() {
    WorkerConfig config =
        WorkerConfig.builder()
            .concurrency(8)
            .queue("a", QueueShare.DEFAULT.withSlots(2))
            .queue("b", QueueShare.DEFAULT.withWeight(3))
            .build();
    assertThat(config.queue("a").slots()).isEqualTo(2);
    assertThat(config.queue("a").weight()).isEqualTo(1);
    assertThat(config.queue("b").slots()).isNull();
    assertThat(config.queue("b").weight()).isEqualTo(3);
    assertThat(config.queues()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void twoDefaultNamesDiffer() {
    assertThat(WorkerConfig.builder().build().name())
        .isNotEqualTo(WorkerConfig.builder().build().name());
  }

  /** Prints a default name. */
  static final class PrintName {
    public static void main(String[] args) {
      System.out.println(WorkerConfig.builder().build().name());
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aDefaultNameNeedsNoDns(@TempDir Path dir) throws Exception {
    ProcessBuilder jvm = ChildJvm.of(PrintName.class);
    // Then no name of a host is known, and none is asked for.
    jvm.command().add(1, "-Djdk.net.hosts.file=" + Files.createFile(dir.resolve("hosts")));
    Process process = jvm.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).startsWith(host + "-");
  }

  @Test
  void aValueOutOfRangeIsRefusedByNameAndRule() {
    refused("name", b -> b.name(" "));
    refused("concurrency must be 1 to 10000, was 0", b -> b.concurrency(0));
    refused("concurrency", b -> b.concurrency(10_001));
    refused(
        "leaseDuration must be PT1S to PT8760H, was PT0.999S",
        b -> b.leaseDuration(Duration.ofMillis(999)));
    refused("leaseDuration", b -> b.leaseDuration(Duration.ofDays(366)));
    refused("pollInterval", b -> b.pollInterval(Duration.ZERO));
    refused("pollInterval", b -> b.pollInterval(Duration.ofDays(1)));
    refused("slots must be 1", b -> b.queue("q", QueueShare.DEFAULT.withSlots(0)));
    refused("weight must be 1", b -> b.queue("q", QueueShare.DEFAULT.withWeight(0)));
    refused("lookAhead", b -> b.lookAhead(-1));
    refused("lookAhead", b -> b.lookAhead(1_001));
    refused("stopGrace", b -> b.stopGrace(Duration.ofMillis(-1)));
    refused("idempotencyKeyPrefix", b -> b.idempotencyKeyPrefix("a b"));
    refused("idempotencyKeyPrefix", b -> b.idempotencyKeyPrefix("é"));
    refused("purgeInterval", b -> b.purgeInterval(Duration.ZERO));
  }

  @Test
  void aLongPollIntervalAloneIsNoContradiction() {
    WorkerConfig config = WorkerConfig.builder().pollInterval(Duration.ofSeconds(45)).build();
    assertThat(config.maxBackoff()).hasSeconds(45);
    assertThat(config.unknownTypeDelay()).hasSeconds(45);
  }

  @Test
  void aShareHasNoMoreSlotsThanTheConcurrencyThatWasSet() {
    refused(
        "slots of queue q must be 1 to 2, the concurrency of the worker, was 5: raise",
        b -> b.queue("q", QueueShare.DEFAULT.withSlots(5)).concurrency(2));
    QueueShare share = QueueShare.DEFAULT.withSlots(10_000);
    assertThat(WorkerConfig.builder().queue("q", share).build().queue("q"))
        .as("the default of the concurrency differs from machine to machine")
        .isSameAs(share);
  }

  private static void refused(String message, UnaryOperator<WorkerConfig.Builder> change) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> change.apply(WorkerConfig.builder()).build())
        .withMessageContaining(message);
  }
}
