package dev.lease.examples.benchmark;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run came to: a line of JSON. */
final class Result {

  private static final List<String> CLIENTS = List.of("worker", "producer", "client");

  private final Settings settings;
  private final Map<String, Object> fields = new LinkedHashMap<>();

  Result(String workload, String peer, String store, Settings settings) {
    fields.put("workload", workload);
    fields.put("peer", peer);
    fields.put("store", store);
    fields.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    fields.put("java", Runtime.version().toString());
    fields.put("settings", settings.values());
    this.settings = settings;
  }

  Result put(String key, Object value) {
    fields.put(key, value);
    return this;
  }

  /** Adds what was measured, and what a job costs by that. */
  Result measured(Map<String, Object> measured) {
    fields.putAll(measured);
    if (fields.get("ran") instanceof Number ran && ran.doubleValue() > 0) {
      double client = 0;
      for (String role : CLIENTS) {
        client += seconds(role);
      }
      fields.put("client_us", Statistics.rounded(client / ran.doubleValue() * 1e6));
      if (fields.containsKey("server_cpu")) {
        fields.put("server_us", Statistics.rounded(seconds("server") / ran.doubleValue() * 1e6));
      }
    }
    return this;
  }

  private double seconds(String role) {
    return fields.get(role + "_cpu") instanceof Number seconds ? seconds.doubleValue() : 0;
  }

  double number(String key) {
    return fields.get(key) instanceof Number number ? number.doubleValue() : 0;
  }

  /** Whether no job ran twice, none was lost, and none is left where all ran. */
  boolean isSound() {
    double ran = number("ran");
    int jobs = settings.number("jobs", 0);
    // What runs between the end of a run that is cut short and its look at the rest is in neither.
    boolean lost =
        (fields.containsKey("left") && number("left") == 0 && ran < jobs)
            || (fields.containsKey("stored") && number("stored") < ran);
    return !fields.containsKey("error")
        && number("dups") == 0
        && !lost
        && !(ran == jobs && number("left") > 0);
  }

  String json() {
    return Json.MAPPER.writeValueAsString(fields);
  }
}
