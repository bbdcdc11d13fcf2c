package dev.lease.examples.benchmark;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The program: a command for each workload, and two for the results. */
@Command(
    name = "benchmark",
    description = "Measures Lease, and its peers in the same way.",
    footer = "Exit codes: 0 success, 1 a run failed or a job ran twice, 2 wrong usage.",
    synopsisSubcommandLabel = "WORKLOAD",
    subcommands = {
      DrainCommand.class,
      EnqueueCommand.class,
      LatencyCommand.class,
      SteadyCommand.class,
      RecoverCommand.class,
      BacklogCommand.class,
      SnapshotCommand.class,
      HeartbeatCommand.class,
      QueuesCommand.class,
      IoCommand.class,
      LocksCommand.class,
      RawCommand.class,
      GraphCommand.class,
      StartCommand.class,
      TableCommand.class,
      PlotCommand.class,
      FiguresCommand.class
    })
public final class Benchmark {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "show this help")
  @SuppressWarnings("unused") // picocli reads it.
  private boolean help;

  private Benchmark() {}

  /**
   * Runs a command and exits.
   *
   * @param args the command and its options
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Benchmark())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Benchmark::failed);
  }

  private static int failed(Exception e, CommandLine command, ParseResult result) {
    command.getErr().println("benchmark: " + e.getMessage());
    return ExitCode.SOFTWARE;
  }
}
