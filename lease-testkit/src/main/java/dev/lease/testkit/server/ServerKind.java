package dev.lease.testkit.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A kind of server, and the ways to get one.
 *
 * @param variable the environment variable that may hold the address of a running server
 */
record ServerKind(String name, String variable, Way container, Way embedded) {

  /**
   * A way to get a server.
   *
   * @param library the Maven coordinates of the library that this way needs
   * @param start returns the URL of a server that ends with this JVM, or throws
   */
  record Way(String name, String library, Supplier<String> start) {}

  private static final Logger log = LoggerFactory.getLogger(ServerKind.class);

  String url(Map<String, String> environment) {
    String forced = environment.getOrDefault("LEASE_TEST_SERVERS", "");
    String address = environment.getOrDefault(variable, "");
    return switch (forced) {
      case "containers" -> first(List.of(container));
      case "embedded" -> first(List.of(embedded));
      case "" ->
          address.isEmpty()
              ? first(List.of(container, embedded))
              : first(List.of(new Way(variable, "", () -> address)));
      default ->
          throw new IllegalStateException(
              "LEASE_TEST_SERVERS must be containers or embedded, was " + forced);
    };
  }

  private String first(List<Way> ways) {
    List<String> reasons = new ArrayList<>();
    List<RuntimeException> failures = new ArrayList<>();
    for (Way way : ways) {
      try {
        String url = way.start.get();
        String others = reasons.isEmpty() ? "" : " (" + String.join("; ", reasons) + ")";
        log.info("{} for tests: using {}{}", name, way.name, others);
        return url;
      } catch (NoClassDefFoundError e) {
        reasons.add("no " + way.name + ": " + way.library + " is not among the dependencies");
      } catch (RuntimeException e) {
        reasons.add("no " + way.name + ": " + String.valueOf(e.getMessage()).strip());
        failures.add(e);
      }
    }
    var none =
        new IllegalStateException("no " + name + " for tests: " + String.join("; ", reasons));
    failures.forEach(none::addSuppressed);
    throw none;
  }
}
