package dev.lease.examples.benchmark;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that measures, and says what it measured in lines of JSON. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
abstract class Workload implements Callable<Integer> {

  @Mixin private RunOptions options;
  @Spec private CommandSpec spec;

  /** What holds where the command line says nothing. */
  abstract RunOptions.Defaults defaults();

  /** What the children are told beside that. */
  Settings settings(Settings common) {
    return common;
  }

  /** Does it, and puts down what came of it: mostly one result. */
  abstract List<Result> run(Stage stage) throws Exception;

  /** A result to be filled, with what the run was told. */
  Result result(Stage stage) throws Exception {
    return result(stage, stage.settings());
  }

  /** One with settings of its own, where a run has several. */
  Result result(Stage stage, Settings settings) throws Exception {
    return new Result(spec.name(), stage.peer().name(), stage.store().kind().word(), settings)
        .put("server", ServerFacts.version(stage.store()));
  }

  @Override
  public Integer call() throws IOException {
    Progress progress = new Progress(System.err);
    Settings settings = settings(options.settings(defaults()));
    try {
      options.check();
      settings.check();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    boolean isSound = true;
    for (int run = 0; run < options.runs(); run++) {
      List<Result> results = once(settings, progress);
      progress.clear();
      for (Result result : results) {
        spec.commandLine().getOut().println(result.json());
        isSound &= result.isSound();
      }
      spec.commandLine().getOut().flush();
    }
    return isSound ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private List<Result> once(Settings settings, Progress progress) throws IOException {
    try (Scratch scratch = Scratch.create()) {
      try (Stage stage = options.open(settings, scratch.path(), progress)) {
        return run(stage);
      } catch (Exception e) {
        // Whoever compares many peers wants the others' lines as well.
        return List.of(
            new Result(spec.name(), options.peer(), options.storeName(), settings)
                .put("error", String.valueOf(e.getMessage())));
      }
    }
  }
}
