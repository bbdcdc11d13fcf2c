package dev.lease.examples.benchmark;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that measures, and prints the results as lines of JSON. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
abstract class Workload implements Callable<Integer> {

  @Mixin private RunOptions options;
  @Spec private CommandSpec spec;

  /** The defaults of the options. */
  abstract RunOptions.Defaults defaults();

  /** Adds the settings of this workload. */
  Settings settings(Settings common) {
    return common;
  }

  /** Measures, and answers the results: mostly one. */
  abstract List<Result> run(Stage stage) throws Exception;

  /** An empty result, with the settings of the run. */
  Result result(Stage stage) throws Exception {
    return result(stage, stage.settings());
  }

  /** An empty result with settings of its own, for a run with several. */
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
        // A user who compares many peers wants the other lines as well.
        return List.of(
            new Result(spec.name(), options.peer(), options.storeName(), settings)
                .put("error", String.valueOf(e.getMessage())));
      }
    }
  }
}
