package dev.lease.examples.shared;

import dev.lease.Limits;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** What the command lines of the examples share. */
public final class Cli {

  /** Held in a field, because java.util.logging drops a logger nobody refers to, and its level. */
  private static final Logger DRIVER = Logger.getLogger("org.postgresql");

  static {
    // The driver writes a URL that it cannot parse to stderr, with the password in it.
    DRIVER.setLevel(Level.OFF);
  }

  private Cli() {}

  /**
   * Prepares a command: it reads durations and stores, and reports an error in one line without
   * passwords.
   *
   * @param command an object with picocli's annotations
   * @return the command line
   */
  public static CommandLine of(Object command) {
    return of(command, CommandLine.defaultFactory());
  }

  /**
   * Prepares a command with subcommands.
   *
   * @param command an object with picocli's annotations
   * @param subcommands makes the objects of the subcommands
   * @return the command line
   */
  public static CommandLine of(Object command, IFactory subcommands) {
    return new CommandLine(command, subcommands)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(Duration.class, Durations::parse)
        .registerConverter(StoreName.class, Cli::store)
        .setParameterExceptionHandler(Cli::misunderstood)
        .setExecutionExceptionHandler(Cli::failed);
  }

  private static StoreName store(String name) {
    try {
      return new StoreName(name);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  private static int misunderstood(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    say(command, Limits.oneLine(String.valueOf(e.getMessage())));
    command.getErr().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return ExitCode.USAGE;
  }

  private static int failed(Exception e, CommandLine command, ParseResult result) {
    say(command, Failure.inWords(e));
    return ExitCode.SOFTWARE;
  }

  private static void say(CommandLine command, String what) {
    command.getErr().println(command.getCommandSpec().root().name() + ": " + what);
  }
}
