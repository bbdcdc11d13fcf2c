package dev.lease.cli;

import dev.lease.examples.shared.Failure;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A command on a store. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
abstract class StoreCommand implements Callable<Integer> {

  @Mixin private AdminOptions options;

  @Spec private CommandSpec spec;

  @ParentCommand private LeaseCli program;

  @Override
  public final Integer call() throws Exception {
    try {
      check();
      try (OpenStore store = open(options)) {
        Output out = new Output(spec.commandLine().getOut(), options.json(), options.width());
        boolean done = run(store, out);
        if (program.interruption().cutShort()) {
          out.say("The same command again goes on with the rest.");
          return Interruption.EXIT_CODE;
        }
        if (!done) {
          sayOfUnknownQueues(store, out);
        }
        return done ? ExitCode.OK : ExitCode.SOFTWARE;
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), Failure.inWords(e), e);
    }
  }

  /** Begins work that may take long. */
  final LongWork longWork(Output out) {
    return new LongWork(program.interruption(), out);
  }

  /** A queue that has no jobs may be misspelt: what names one has the label QUEUE. */
  private void sayOfUnknownQueues(OpenStore store, Output out) {
    List<String> named =
        spec.args().stream()
            .filter(arg -> arg.paramLabel().equals("QUEUE"))
            .map(ArgSpec::getValue)
            .flatMap(
                value ->
                    value instanceof Collection<?> all ? all.stream() : Stream.ofNullable(value))
            .map(String::valueOf)
            .toList();
    if (!named.isEmpty()) {
      List<String> known = store.queues(null).toList();
      named.stream()
          .filter(queue -> !known.contains(queue))
          .forEach(
              queue ->
                  out.say(
                      "Queue " + queue + " has no jobs" + NearNames.similar(queue, known) + "."));
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
