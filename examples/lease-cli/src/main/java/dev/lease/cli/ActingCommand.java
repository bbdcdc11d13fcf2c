package dev.lease.cli;

import dev.lease.Operator;
import picocli.CommandLine.Mixin;

/** A command that changes something. The store records who did it. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
abstract class ActingCommand extends StoreCommand {

  @Mixin private OperatorOptions operator;

  @Override
  OpenStore open(AdminOptions options) {
    Operator by = operator.operator();
    return options.open().by(by);
  }
}
