package dev.lease.testkit;

import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A part of a store's report: what one class of tests found out.
 *
 * @param type the class of tests, by its simple name
 * @param contract the contract that it extends
 * @param at when it ended
 * @param facts what is known of the store, of the kit and of the machine, by name
 * @param outcomes what came of each test
 */
record Part(
    String type, String contract, Instant at, Map<String, String> facts, List<Outcome> outcomes)
    implements Serializable {

  /** Adds what there is to know before the store is opened, its name first. */
  static void tell(Map<String, String> facts, StoreFixture fixture) throws Exception {
    facts.put("store", fixture.name());
    KitVersion.check(fixture.kitVersion());
    String lacks =
        fixture.lacks().stream().sorted().map(Capability::name).collect(Collectors.joining(" "));
    facts.put("version", fixture.version());
    facts.put("lacks", lacks.isEmpty() ? "nothing" : lacks);
    facts.put("time", fixture.time() + ", in units of " + fixture.unit());
    facts.put("kit version", Integer.toString(fixture.kitVersion()));
    String library = Part.class.getPackage().getImplementationVersion();
    facts.put("lease-testkit", library == null ? "" : library);
    facts.put("Java", System.getProperty("java.vendor") + " " + Runtime.version());
    facts.put("rounds of a race", Integer.toString(Race.ROUNDS));
    facts.put("random sequences", Integer.toString(ModelCheck.sequences()));
    facts.put("first seed", Long.toString(ModelCheck.seed()));
    facts.values().removeIf(String::isEmpty);
  }
}
