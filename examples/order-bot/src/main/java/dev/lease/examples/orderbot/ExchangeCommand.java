package dev.lease.examples.orderbot;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs an exchange until it is stopped. */
@Command(
    name = "exchange",
    description = {
      "Runs a small exchange, on this machine only.",
      "It writes every request to requests.jsonl before it looks at the idempotency key, and"
          + " every order that it places to book.jsonl."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class ExchangeCommand implements Callable<Integer> {

  /** Where workers look for an exchange. */
  static final int PORT = 7070;

  static final Path DIRECTORY = Path.of("order-bot-exchange");

  /** A large order outlasts the lease of a worker. */
  static final Exchange.Fill FILL =
      new Exchange.Fill(Duration.ofMillis(400), Duration.ofSeconds(25));

  @SuppressWarnings("unused") // picocli calls it.
  @Mixin
  private ParentOption parent;

  @Option(names = "--port", paramLabel = "PORT", description = "0 takes any free port (7070)")
  private int port = PORT;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "where its files are (${DEFAULT-VALUE})")
  private Path directory = DIRECTORY;

  @Option(
      names = "--fill",
      paramLabel = "TIME",
      description = "how long an order takes, give or take a half (400ms)")
  private Duration fill = FILL.small();

  @Option(
      names = "--fill-large",
      paramLabel = "TIME",
      description = "how long an order of " + Order.LARGE + " or more takes (25s)")
  private Duration fillLarge = FILL.large();

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Exchange exchange = new Exchange(port, directory, new Exchange.Fill(fill, fillLarge))) {
      System.out.println(exchange.url());
      Thread.currentThread().join();
    }
    return 0;
  }
}
