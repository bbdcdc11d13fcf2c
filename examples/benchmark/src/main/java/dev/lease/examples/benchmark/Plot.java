package dev.lease.examples.benchmark;

import java.awt.Graphics2D;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A picture of results: a curve for each result, and the last one of results with equal names. */
final class Plot {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 500;
  private static final int COLUMNS = 2;

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

  /** Draws a panel for each vertical axis, two beside each other, over the same seconds. */
  static void draw(Map<String, Map<String, ResultLine.Series>> panels, Path out)
      throws IOException {
    List<XYChart> charts = new ArrayList<>();
    panels.forEach(
        (title, curves) -> {
          XYChart chart = chart(WIDTH / COLUMNS, HEIGHT / COLUMNS, RATE.x(), title);
          chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
          curves.forEach((name, curve) -> add(chart, name, curve));
          charts.add(chart);
        });
    try (OutputStream file = Files.newOutputStream(out)) {
      ChartEncoder.saveChart(new Panels(charts), file, "SVG");
    }
  }

  /** Charts of one size, row by row. */
  private record Panels(List<XYChart> charts) implements IChart {

    @Override
    public void paint(Graphics2D graphics, int width, int height) {
      for (int i = 0; i < charts.size(); i++) {
        XYChart chart = charts.get(i);
        var panel = (Graphics2D) graphics.create();
        panel.translate(i % COLUMNS * chart.getWidth(), i / COLUMNS * chart.getHeight());
        chart.paint(panel, chart.getWidth(), chart.getHeight());
        panel.dispose();
      }
    }

    @Override
    public int getWidth() {
      return COLUMNS * charts.get(0).getWidth();
    }

    @Override
    public int getHeight() {
      return (charts.size() + 1) / COLUMNS * charts.get(0).getHeight();
    }

    @Override
    public String getTitle() {
      return "";
    }
  }

  private static XYChart chart(Kind kind, List<ResultLine> lines) {
    XYChart chart = chart(WIDTH, HEIGHT, kind.x(), kind.y());
    chart.getStyler().setYAxisLogarithmic(kind.logarithmic());
    Map<String, ResultLine> series = new LinkedHashMap<>();
    List<String> differing = ResultLine.differing(lines);
    lines.forEach(line -> series.put(line.text("workload") + " " + line.name(differing), line));
    series.forEach((name, line) -> add(chart, name, line.series(kind.field())));
    return chart;
  }

  private static XYChart chart(int width, int height, String x, String y) {
    XYChart chart =
        new XYChartBuilder().width(width).height(height).xAxisTitle(x).yAxisTitle(y).build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    return chart;
  }

  private static void add(XYChart chart, String name, ResultLine.Series curve) {
    chart.addSeries(name, curve.x(), curve.y()).setMarker(SeriesMarkers.NONE);
  }
}
