package dev.lease.examples.orderbot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.examples.shared.StoreName;
import dev.lease.testkit.server.RedisProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that look at a store, before, while and after a worker uses it. */
class CommandsIT {

  private static final Exchange.Fill FILL =
      new Exchange.Fill(Duration.ofMillis(100), Duration.ofSeconds(1));

  @TempDir private Path directory;

  @Test
  @Timeout(300)
  void theyWorkOnSqlite() throws Exception {
    StoreName name = new StoreName("sqlite:" + directory.resolve("orders.db"));
    assertThat(run(name, "migrate")).isEqualTo("The tables of " + name + " are up to date.\n");
    theyWork(name);
  }

  @Tag("slow")
  @Test
  @Timeout(300)
  void theyWorkOnRedisWithoutShowingItsPassword() throws Exception {
    try (RedisProcess redis = RedisProcess.start("--requirepass", "s@cret")) {
      StoreName name = new StoreName(redis.uri().replace("//", "//default:s%40cret@"));
      assertThat(run(name, "migrate"))
          .isEqualTo("There is nothing to migrate in " + redis.uri() + ".\n");
      theyWork(name);
      assertThat(directory.resolve("worker-1.log"))
          .content()
          .contains("worker-1 takes jobs from " + redis.uri())
          .doesNotContain("cret");
    }
  }

  @Tag("slow")
  @Test
  @Timeout(300)
  void jobsOfAnotherProcessArePausedAndCancelled() throws Exception {
    StoreName name = new StoreName("sqlite:" + directory.resolve("orders.db"));
    List<String> options = List.of("--poll", "100ms", "--lease", "3s", "--concurrency", "1");
    // The large order takes longer than the whole test.
    Exchange.Fill fill = new Exchange.Fill(Duration.ofMillis(100), Duration.ofMinutes(10));
    Fleet.Setup setup = new Fleet.Setup(directory, OrderBot.class, name, options, fill);
    try (Store store = Store.open(name);
        Fleet fleet = new Fleet(setup, List.of(new Jobs(store.jobAdmin(), "orders")))) {
      assertThat(run(name, "pause")).isEqualTo("Queue orders is paused.\n");
      enqueue(store, new Order("small", "TEA", 1), new Order("waits", "TEA", 2));
      enqueue(store, new Order("large", "TEA", Order.LARGE));
      fleet.startWorker();
      await(() -> Files.readString(directory.resolve("worker-1.log")).contains("takes jobs from"));
      assertThat(run(name, "cancel", "waits")).isEqualTo("waits is cancelled.\n");
      assertThat(run(name, "status")).contains(", paused\n").containsPattern(" 2  pending\n");

      assertThat(run(name, "resume")).isEqualTo("Queue orders is no longer paused.\n");
      ExchangeClient exchange = new ExchangeClient(fleet.exchangeUrl());
      await(() -> exchange.open().stream().anyMatch(each -> each.order().id().equals("large")));
      assertThat(run(name, "cancel", "large"))
          .isEqualTo(
              "large is running; its worker learns of it with the next extension of its lease.\n");
      assertThat(run(name, "watch", "--every", "100ms", "--until-done"))
          .containsPattern(" 1  done\n")
          .containsPattern(" 2  cancelled\n");
      assertThat(run(name, "cancel", "small")).isEqualTo("small has already finished.\n");
      assertThat(Exchange.book(directory))
          .extracting(entry -> entry.order().id())
          .containsExactly("small");
    }
  }

  private static void enqueue(Store store, Order... orders) {
    CreateJobsCommand.enqueue(store.backend(), "orders", 10, List.of(orders));
  }

  /** Waits until the condition is true, or the test times out. */
  private static void await(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      Thread.sleep(20);
    }
  }

  private void theyWork(StoreName name) throws Exception {
    assertThat(run(name, "create-jobs", "4", "--refused", "1"))
        .startsWith("Created 4 jobs, named ");
    assertThat(run(name, "status")).containsPattern(" 4  pending\n");

    List<String> options = List.of("--poll", "100ms", "--concurrency", "1");
    Fleet.Setup setup = new Fleet.Setup(directory, OrderBot.class, name, options, FILL);
    try (Store store = Store.open(name);
        Fleet fleet = new Fleet(setup, List.of(new Jobs(store.jobAdmin(), "orders")))) {
      assertThat(argumentsOf(fleet.pid(fleet.startWorker())))
          .contains("worker-1")
          .doesNotContain("cret");
      assertThat(run(name, "watch", "--every", "100ms", "--until-done"))
          .containsPattern(" 3  done\n");
    }
    assertThat(run(name, "leases")).contains("(none)");
    assertThat(run(name, "failed")).contains("1         dev.lease");
    assertThat(run(name, "reset-expired")).isEqualTo("Reset 0 jobs.\n");
  }

  /** The arguments of a process, as other users of the machine see them. */
  private String argumentsOf(long pid) throws IOException, InterruptedException {
    Path shown = directory.resolve("ps.txt");
    Process ps =
        new ProcessBuilder("ps", "-ww", "-o", "args=", "-p", Long.toString(pid))
            .redirectOutput(shown.toFile())
            .start();
    assertThat(ps.waitFor()).isZero();
    return Files.readString(shown);
  }

  /** Runs a command that succeeds; answers what it prints. */
  private static String run(StoreName name, String... args) {
    List<String> line = new ArrayList<>(List.of(args));
    line.addAll(List.of("--store", name.name()));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, UTF_8));
    try {
      int code =
          OrderBot.commandLine(CommandLine.defaultFactory()).execute(line.toArray(String[]::new));
      assertThat(code).isZero();
    } finally {
      System.setOut(before);
    }
    return out.toString(UTF_8);
  }
}
