package dev.lease.examples.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Results in Markdown: a table for each workload, a row for all runs with the same settings. */
final class ResultTable {

  /** The possible columns, in this order. */
  private static final Map<String, String> COLUMNS = columns();

  private ResultTable() {}

  private static Map<String, String> columns() {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("rate", "a second");
    columns.put("first", "first tenth");
    columns.put("last", "last tenth");
    columns.put("p50", "p50 ms");
    columns.put("p95", "p95 ms");
    columns.put("p99", "p99 ms");
    columns.put("max", "max ms");
    columns.put("first_job_ms", "first job ms");
    columns.put("recovered", "recovered");
    columns.put("held", "held");
    columns.put("rate_to_empty", "rate / empty queue");
    columns.put("last_to_first", "last / first tenth");
    columns.put("share_of_limit", "last tenth / limit");
    columns.put("refused", "refused");
    columns.put("transactions_per_s", "transactions/s");
    columns.put("rows_updated_per_s", "rows/s");
    columns.put("questions_per_s", "statements/s");
    columns.put("scripts_per_s", "scripts/s");
    columns.put("client_us", "client us a job");
    columns.put("server_us", "server us a job");
    columns.put("worker_cpu", "worker CPU s");
    columns.put("producer_cpu", "producer CPU s");
    columns.put("client_cpu", "client CPU s");
    columns.put("server_cpu", "server CPU s");
    columns.put("bytes_a_job", "bytes a job");
    columns.put("ran", "ran");
    columns.put("left", "left");
    columns.put("dups", "twice");
    return columns;
  }

  static String of(List<ResultLine> lines) {
    Map<String, List<ResultLine>> workloads =
        lines.stream()
            .collect(
                Collectors.groupingBy(
                    line -> line.text("workload"), LinkedHashMap::new, Collectors.toList()));
    StringBuilder text = new StringBuilder();
    workloads.forEach((workload, of) -> text.append(table(workload, of)));
    return text.toString();
  }

  private static String table(String workload, List<ResultLine> lines) {
    List<String> differing = ResultLine.differing(lines);
    List<String> columns =
        COLUMNS.keySet().stream()
            .filter(column -> lines.stream().anyMatch(line -> line.number(column).isPresent()))
            .toList();
    List<String> headings = new ArrayList<>(List.of("what", "runs"));
    columns.forEach(column -> headings.add(COLUMNS.getOrDefault(column, column)));
    StringBuilder text = new StringBuilder("**" + workload + "**\n\n");
    text.append(row(headings)).append("|---".repeat(headings.size())).append("|\n");
    lines.stream()
        .collect(
            Collectors.groupingBy(
                line -> line.name(differing), LinkedHashMap::new, Collectors.toList()))
        .forEach((name, runs) -> text.append(row(cells(name, runs, columns))));
    return text.append('\n').toString();
  }

  private static List<String> cells(String name, List<ResultLine> all, List<String> columns) {
    List<ResultLine> runs = all.stream().filter(run -> !run.failed()).toList();
    int failed = all.size() - runs.size();
    List<String> cells = new ArrayList<>();
    cells.add(name);
    cells.add(runs.size() + (failed > 0 ? " (" + failed + " failed)" : ""));
    for (String column : columns) {
      cells.add(
          cell(
              runs.stream()
                  .map(run -> run.number(column))
                  .filter(OptionalDouble::isPresent)
                  .map(OptionalDouble::getAsDouble)
                  .sorted()
                  .toList()));
    }
    return cells;
  }

  private static String cell(List<Double> sorted) {
    if (sorted.isEmpty()) {
      return "-";
    }
    String median = figure(Statistics.median(sorted));
    String least = figure(sorted.get(0));
    String most = figure(sorted.get(sorted.size() - 1));
    return least.equals(most) ? median : median + " (" + least + ".." + most + ")";
  }

  /** Three digits, or all digits before the decimal point. */
  static String figure(double value) {
    double size = Math.abs(value);
    String format =
        size >= 100 || value == Math.rint(value) ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
