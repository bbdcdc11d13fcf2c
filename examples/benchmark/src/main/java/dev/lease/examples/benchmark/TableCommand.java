package dev.lease.examples.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "table",
    description =
        "Makes a Markdown table of lines of JSON: the median of the runs, the least and the most.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class TableCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "what the workloads printed")
  private List<Path> files;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    spec.commandLine().getOut().print(ResultTable.of(ResultLine.read(files)));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
