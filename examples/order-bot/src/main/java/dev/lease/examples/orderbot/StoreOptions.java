package dev.lease.examples.orderbot;

import picocli.CommandLine.Option;

/** Which store. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
class StoreOptions {

  /** Names the store where the option does not; other than options, no other user sees it. */
  static final String VARIABLE = "ORDER_BOT_STORE";

  @Option(
      names = "--store",
      required = true,
      paramLabel = "STORE",
      defaultValue = "${env:" + VARIABLE + "}",
      description =
          "sqlite:FILE, jdbc:postgresql://HOST/DATABASE?user=..&password=.., jdbc:mariadb://.. or"
              + " redis://USER:PASSWORD@HOST:PORT; the environment variable "
              + VARIABLE
              + " names it where this does not")
  private StoreName name;

  StoreName name() {
    return name;
  }

  Store open() {
    return Store.open(name);
  }
}
