package dev.lease.examples.orderbot;

import picocli.CommandLine.Option;

/** The option that names the store. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
public class StoreOptions {

  /**
   * The environment variable that names the store if the option does not. Other users of the
   * machine can see options, but not environment variables.
   */
  public static final String VARIABLE = "ORDER_BOT_STORE";

  @Option(
      names = "--store",
      required = true,
      paramLabel = "STORE",
      defaultValue = "${env:" + VARIABLE + "}",
      description =
          "sqlite:FILE, jdbc:postgresql://HOST/DATABASE?user=..&password=.., jdbc:mariadb://.. or"
              + " redis://USER:PASSWORD@HOST:PORT; the environment variable "
              + VARIABLE
              + " names it if this option does not")
  private StoreName name;

  /**
   * The store that was asked for.
   *
   * @return its name
   */
  public StoreName name() {
    return name;
  }

  Store open() {
    return Store.open(name);
  }
}
