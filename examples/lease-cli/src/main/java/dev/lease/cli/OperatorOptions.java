package dev.lease.cli;

import dev.lease.Operator;
import picocli.CommandLine.Option;

/** Who acts, and why; the store records it. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class OperatorOptions {

  @Option(
      names = "--by",
      paramLabel = "NAME",
      defaultValue = "${sys:user.name}",
      description = "who you are, for the log (${DEFAULT-VALUE})")
  private String name;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "why you do it, for the log")
  private String reason;

  Operator operator() {
    return Operator.of(name, reason);
  }
}
