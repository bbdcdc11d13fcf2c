package dev.lease.examples.benchmark;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A picture of results: a curve for each result, and the last one of results with equal names. */
final class Plot {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 500;

  /** What is drawn, and its axes. */
  private record Kind(String field, String x, String y, boolean logarithmic) {}

  private static final Kind RATE = new Kind("over_time", "seconds", "jobs a second", false);
  private static final Kind LATENCY =
      new Kind("percentiles", "percent of the jobs", "milliseconds", true);

  private Plot() {}

  static void draw(List<ResultLine> lines, Path out) throws IOException {
    Kind kind = lines.stream().anyMatch(line -> line.json().has(RATE.field())) ? RATE : LATENCY;
    List<ResultLine> shown = lines.stream().filter(line -> line.json().has(kind.field())).toList();
    if (shown.isEmpty()) {
      throw new IOException("nothing to draw: no rates over time, and no percentiles");
    }
    try (OutputStream file = Files.newOutputStream(out)) {
      ChartEncoder.saveChart(chart(kind, shown), file, "SVG");
    }
  }

  private static XYChart chart(Kind kind, List<ResultLine> lines) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle(kind.x())
            .yAxisTitle(kind.y())
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setYAxisLogarithmic(kind.logarithmic());
    Map<String, ResultLine> series = new LinkedHashMap<>();
    List<String> differing = ResultLine.differing(lines);
    lines.forEach(line -> series.put(line.text("workload") + " " + line.name(differing), line));
    series.forEach(
        (name, line) -> {
          ResultLine.Series points = line.series(kind.field());
          chart.addSeries(name, points.x(), points.y()).setMarker(SeriesMarkers.NONE);
        });
    return chart;
  }
}
