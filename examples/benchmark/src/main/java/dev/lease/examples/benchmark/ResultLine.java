package dev.lease.examples.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** A line of JSON that a run has printed. */
record ResultLine(JsonNode json) {

  /** Reads files of such lines, and skips empty lines. */
  static List<ResultLine> read(List<Path> files) throws IOException {
    List<ResultLine> lines = new ArrayList<>();
    for (Path file : files) {
      Files.readAllLines(file).stream()
          .filter(line -> !line.isBlank())
          .map(line -> new ResultLine(Json.MAPPER.readTree(line)))
          .forEach(lines::add);
    }
    return lines;
  }

  String text(String field) {
    return json.path(field).asString("");
  }

  OptionalDouble number(String field) {
    JsonNode value = json.path(field);
    return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
  }

  boolean failed() {
    return json.has("error");
  }

  JsonNode settings() {
    return json.path("settings");
  }

  /** What was measured and on which store, with the named settings. */
  String name(List<String> settings) {
    StringBuilder name = new StringBuilder(text("peer") + " " + text("store"));
    for (String setting : settings) {
      String value = settings().path(setting).asString("");
      if (!value.isEmpty()) {
        name.append(' ').append(setting).append('=').append(value);
      }
    }
    return name.toString();
  }

  /** A series of pairs; both lists are empty if there is none. */
  record Series(List<Double> x, List<Double> y) {}

  Series series(String field) {
    JsonNode pairs = json.path(field);
    return new Series(column(pairs, 0), column(pairs, 1));
  }

  private static List<Double> column(JsonNode pairs, int column) {
    return IntStream.range(0, pairs.size())
        .mapToObj(i -> pairs.get(i).get(column).asDouble())
        .toList();
  }

  /** The settings that are not the same in all lines. */
  static List<String> differing(List<ResultLine> lines) {
    return lines.stream()
        .flatMap(line -> line.settings().propertyNames().stream())
        .distinct()
        .filter(setting -> !setting.equals("queue"))
        .filter(
            setting ->
                lines.stream().map(line -> line.settings().path(setting)).distinct().count() > 1)
        .toList();
  }
}
