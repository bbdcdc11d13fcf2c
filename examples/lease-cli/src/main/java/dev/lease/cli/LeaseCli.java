package dev.lease.cli;

import dev.lease.Backend;
import dev.lease.examples.shared.Cli;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program. */
@Command(
    name = "lease",
    description = "Shows and changes the jobs of a store. It makes no store and migrates none.",
    footer =
        "Exit codes: 0 done, 1 nothing matched or the store refused, 2 wrong usage, 3 interrupted.",
    versionProvider = LeaseCli.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      QueuesCommand.class,
      JobsCommand.class,
      ShowCommand.class,
      GraphCommand.class,
      TailCommand.class,
      LogCommand.class,
      RetryCommand.class,
      RunNowCommand.class,
      ChangeCommand.class,
      CancelCommand.class,
      DeleteCommand.class,
      PurgeCommand.class,
      PauseCommands.Pause.class,
      PauseCommands.Resume.class,
      SchedulesCommand.class,
      ScheduleCommands.Run.class,
      ScheduleCommands.Pause.class,
      ScheduleCommands.Resume.class,
      KeysCommand.class,
      LimitCommand.class,
      CloseKeyCommand.class,
      WorkersCommand.class,
      LeasesCommand.class
    })
public final class LeaseCli {

  /** Prints which Lease this is. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Backend.class.getPackage().getImplementationVersion();
      return new String[] {"lease " + (version == null ? "without a version" : version)};
    }
  }

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "show the version of Lease")
  @SuppressWarnings("unused") // picocli reads it.
  private boolean version;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "show this help")
  @SuppressWarnings("unused") // picocli reads it.
  private boolean help;

  private final Interruption interruption = new Interruption();

  private LeaseCli() {}

  /**
   * Runs a command and exits.
   *
   * @param args the command and its options
   */
  public static void main(String[] args) {
    // The writer of picocli does not tell when nobody reads any more.
    PrintWriter out = new PrintWriter(System.out, true, Charset.defaultCharset());
    LeaseCli program = new LeaseCli();
    CommandLine commandLine = program.parser().setOut(out);
    System.exit(program.interruption.during(() -> commandLine.execute(args)));
  }

  static CommandLine commandLine() {
    return new LeaseCli().parser();
  }

  private CommandLine parser() {
    // A payload may begin with @, which is no name of a file here.
    return Cli.of(this).registerConverter(Moment.class, Moment::parse).setExpandAtFiles(false);
  }

  Interruption interruption() {
    return interruption;
  }
}
