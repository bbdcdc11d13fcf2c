package dev.lease.examples.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "plot",
    description = {
      "Draws a picture of lines of JSON: the rate over time if there are drains among them,",
      "otherwise the percentiles of the latencies."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class PlotCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "what the workloads printed")
  private List<Path> files;

  @Option(names = "--out", required = true, paramLabel = "FILE.svg", description = "the picture")
  private Path out;

  @Override
  public Integer call() throws IOException {
    Plot.draw(ResultLine.read(files), out);
    return 0;
  }
}
