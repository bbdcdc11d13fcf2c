package dev.lease.examples.benchmark;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The result of a run: a line of JSON. */
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

  /** Adds what was measured, and the cost of a job that follows from it. */
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

  /** Whether no job ran twice, none was lost, and none is left if all ran. */
  boolean isSound() {
    double ran = number("ran");
    int jobs = settings.number("jobs", 0);
    // If a run is cut short, jobs that run before the rest is counted are in neither number.
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
