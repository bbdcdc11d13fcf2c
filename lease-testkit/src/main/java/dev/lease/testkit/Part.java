package dev.lease.testkit;

import dev.lease.Capability;
import java.io.Serializable;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A part of a store's report: what one class of tests found out.
 *
 * @param type the name of the class of tests
 * @param contract the contract that it extends
 * @param tests how many tests the contract has
 * @param ended when the last of them ended
 * @param facts what is known of the store, of the kit and of the machine: texts, numbers, lists
 * @param outcomes what came of each test
 */
record Part(
    String type,
    String contract,
    long tests,
    Instant ended,
    Map<String, Object> facts,
    List<Outcome> outcomes)
    implements Serializable {

  /** The name of a class of tests without its package. */
  static String simple(String type) {
    return type.replaceFirst(".*[.$]", "");
  }

  /** Adds what there is to know before the store is opened, its name first. */
  static void tell(Map<String, Object> facts, StoreFixture fixture) {
    String name = fixture.name();
    if (name == null || name.isBlank()) {
      throw new IllegalArgumentException(
          "name() of the fixture must be a text that is not blank, was \"" + name + "\"");
    }
    facts.put("store", name);
    KitVersion.check(fixture.kitVersion());
    facts.put("version", given("version()", fixture.version()));
    facts.put("time", fixture.time().name());
    facts.put("unit of time", fixture.unit().toString());
    facts.put("kit version", fixture.kitVersion());
    String library = Part.class.getPackage().getImplementationVersion();
    facts.put("lease-testkit", library == null ? "" : library);
    facts.put("Java", System.getProperty("java.vendor") + " " + Runtime.version());
    facts.put("rounds of a race", Race.ROUNDS);
    facts.put("random sequences", ModelCheck.sequences());
    facts.put("first seed", ModelCheck.seed());
    facts.values().removeIf(""::equals);
  }

  /** Adds what the store can be asked once it is open. */
  static void tellOfOpen(
      Map<String, Object> facts, StoreFixture fixture, Set<Capability> capabilities)
      throws Exception {
    facts.put(
        "lacks",
        EnumSet.complementOf(EnumSet.copyOf(capabilities)).stream().map(Capability::name).toList());
    String runsOn = given("runsOn()", fixture.runsOn());
    if (!runsOn.isEmpty()) {
      facts.put("runs on", runsOn);
    }
  }

  private static String given(String method, @Nullable String text) {
    if (text == null) {
      throw new IllegalArgumentException(
          method + " of the fixture must not be null: empty is for nothing to tell");
    }
    return text;
  }
}
