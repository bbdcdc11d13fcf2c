package dev.lease.examples.orderbot;

import dev.lease.examples.shared.StoreName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the demonstration. */
@Command(
    name = "demo",
    description = "Kills a worker while it places orders, and shows what happens.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class DemoCommand implements Callable<Integer> {

  @Option(
      names = "--picture",
      paramLabel = "FILE.svg",
      description = "draw a picture of the run into this file")
  private @Nullable Path picture;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkPicture();
    Path directory = Files.createTempDirectory("order-bot-demo-");
    StoreName name = new StoreName("sqlite:" + directory.resolve("orders.db"));
    try (Store store = Store.open(name)) {
      Class<?> program = spec.root().userObject().getClass();
      Story story = new Story(System.out);
      return new Demo(program, directory, name, store, story, picture).run() ? 0 : 1;
    }
  }

  /** A run takes almost a minute, and the picture is drawn at its end. */
  private void checkPicture() {
    if (picture == null) {
      return;
    }
    Path folder = picture.toAbsolutePath().getParent();
    if (folder == null || !Files.isWritable(folder) || Files.isDirectory(picture)) {
      throw new ParameterException(
          spec.commandLine(), "cannot write a picture to " + picture + ": is there such a folder?");
    }
  }
}
