package dev.lease.examples.orderbot;

import dev.lease.examples.shared.StoreOptions;
import picocli.CommandLine.Option;

/** Which store, and which queue in it. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class QueueOptions extends StoreOptions {

  static final String NAME = "--queue";
  static final String DEFAULT = "orders";

  @Option(
      names = NAME,
      paramLabel = "NAME",
      defaultValue = DEFAULT,
      description = "the queue (${DEFAULT-VALUE})")
  private String queue;

  String queue() {
    return queue;
  }

  Jobs jobs(Store store) {
    return new Jobs(store.jobAdmin(), queue);
  }
}
