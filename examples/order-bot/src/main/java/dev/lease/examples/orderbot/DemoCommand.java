package dev.lease.examples.orderbot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the demonstration. */
@Command(
    name = "demo",
    description = "Kills a worker while it places orders, and shows what happens.")
final class DemoCommand implements Callable<Integer> {

  @Option(
      names = "--picture",
      paramLabel = "FILE.svg",
      description = "draw a picture of the run into this file")
  private @Nullable Path picture;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("order-bot-demo-");
    StoreName name = new StoreName("sqlite:" + directory.resolve("orders.db"));
    try (Store store = Store.open(name)) {
      return new Demo(directory, name, store, new Story(System.out), picture).run() ? 0 : 1;
    }
  }
}
