package dev.lease.examples.shared;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The option that names the store. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
public class StoreOptions {

  @Option(
      names = "--store",
      required = true,
      scope = ScopeType.INHERIT,
      paramLabel = "STORE",
      defaultValue = "${env:" + StoreName.VARIABLE + "}",
      description =
          "sqlite:FILE, jdbc:postgresql://HOST/DATABASE?user=..&password=.., jdbc:mariadb://.. or"
              + " redis://USER:PASSWORD@HOST:PORT; the environment variable "
              + StoreName.VARIABLE
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
}
