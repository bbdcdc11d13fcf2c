package dev.lease.cli;

import dev.lease.examples.shared.Failure;
import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command on a store. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
abstract class StoreCommand implements Callable<Integer> {

  @Mixin private AdminOptions options;

  @Spec private CommandSpec spec;

  @Override
  public final Integer call() throws Exception {
    try {
      check();
      try (OpenStore store = open(options)) {
        boolean done =
            run(store, new Output(spec.commandLine().getOut(), options.json(), options.width()));
        return done ? ExitCode.OK : ExitCode.SOFTWARE;
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), Failure.inWords(e), e);
    }
  }

  /** Opens the store. */
  OpenStore open(AdminOptions options) {
    return options.open();
  }

  /**
   * Checks what picocli does not, before the store is opened.
   *
   * @throws IllegalArgumentException if the options do not fit together
   */
  void check() {}

  /**
   * Does what the command is for.
   *
   * @return false if nothing matched, or the store refused
   * @throws IllegalArgumentException if an option breaks a rule of the store
   */
  abstract boolean run(OpenStore store, Output out) throws Exception;
}
