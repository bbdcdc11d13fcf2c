package dev.lease.examples.orderbot;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A picture of the demo, as SVG: a row for each order, and a bar for each attempt to place it, in
 * the colour of the worker. Orders that a killed worker held have a dashed line until another has
 * taken them over.
 */
final class DemoPicture {

  private static final int LEFT = 90;
  private static final int TOP = 74;
  private static final int ROW = 17;
  private static final int WIDTH = 960;
  private static final String[] COLOURS = {"#3b6fb6", "#2f9e63", "#8a5fb0"};
  private static final String RED = "#c8322b";

  private final StringBuilder svg = new StringBuilder();
  private final List<String> workers;
  private final Orders orders;
  private final Map<String, Instant> takeovers;
  private final String title;
  private final Instant from;
  private final double pixelsPerMilli;

  private DemoPicture(Orders orders, Map<String, Instant> takeovers, String title) {
    this.orders = orders;
    this.takeovers = takeovers;
    this.title = title;
    this.workers =
        orders.log().stream().map(line -> line.request().worker()).distinct().sorted().toList();
    this.from = times(orders).min(Comparator.naturalOrder()).orElseThrow();
    Instant to = times(orders).max(Comparator.naturalOrder()).orElseThrow();
    this.pixelsPerMilli =
        (WIDTH - LEFT - 30.0) / Math.max(1, Duration.between(from, to).toMillis());
  }

  /**
   * Draws a run in which at least one order was asked for.
   *
   * @param takeovers when another worker took over an order of a killed worker, by its id
   */
  static String of(Orders orders, Map<String, Instant> takeovers, String title) {
    return new DemoPicture(orders, takeovers, title).draw();
  }

  private static Stream<Instant> times(Orders orders) {
    return orders.log().stream().map(LogLine::at);
  }

  private String draw() {
    int bottom = TOP + ROW * orders.asked().size();
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"12\">",
        WIDTH, bottom + 44);
    add("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
    add("<text x=\"%d\" y=\"24\" font-size=\"16\">%s</text>", LEFT, title);
    legend();
    axis(bottom);
    List<String> asked = orders.asked();
    for (int i = 0; i < asked.size(); i++) {
      row(asked.get(i), TOP + ROW * i);
    }
    orders.kills().forEach(kill -> killed(kill, bottom));
    return svg.append("</svg>\n").toString();
  }

  private void legend() {
    int x = LEFT;
    for (String worker : workers) {
      add("<rect x=\"%d\" y=\"38\" width=\"18\" height=\"10\" fill=\"%s\"/>", x, colour(worker));
      add("<text x=\"%d\" y=\"48\">%s places the order</text>", x + 24, worker);
      x += 195;
    }
    gap(x, 43, x + 24);
    add("<text x=\"%d\" y=\"48\">leased to the dead worker</text>", x + 30);
    x += 210;
    dot(x + 5, 43);
    add("<text x=\"%d\" y=\"48\">in the exchange's book</text>", x + 16);
  }

  private void axis(int bottom) {
    for (int second = 0; x(from.plusSeconds(second)) <= WIDTH - 20; second += 5) {
      double x = x(from.plusSeconds(second));
      add("<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#ddd\"/>", x, TOP, x, bottom);
      add("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d s</text>", x, bottom + 16, second);
    }
  }

  private void row(String order, int y) {
    add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", LEFT - 10, y + 12, order);
    Instant takeover = takeovers.get(order);
    if (takeover != null) {
      orders.kills().stream()
          .filter(kill -> kill.hit(order))
          .forEach(kill -> gap(x(kill.at()), y + ROW / 2, x(takeover)));
    }
    List<LogLine> lines = orders.log().stream().filter(it -> it.orderId().equals(order)).toList();
    for (LogLine attempt : lines) {
      if (attempt.event() != LogLine.Event.ASKED) {
        continue;
      }
      Instant end = end(attempt, lines);
      add(
          "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
          x(attempt.at()),
          y + 2,
          Math.max(2, x(end) - x(attempt.at())),
          ROW - 5,
          colour(attempt.request().worker()));
    }
    lines.stream()
        .filter(line -> line.event() == LogLine.Event.BOOKED)
        .forEach(line -> dot(x(line.at()), y + ROW / 2));
  }

  /** When the exchange answered or the worker was killed, whichever came first. */
  private Instant end(LogLine attempt, List<LogLine> lines) {
    Stream<Instant> answers =
        lines.stream()
            .filter(line -> line.event() != LogLine.Event.ASKED)
            .filter(line -> line.request().equals(attempt.request()))
            .map(LogLine::at);
    Stream<Instant> kills =
        orders.kills().stream()
            .filter(kill -> kill.worker().equals(attempt.request().worker()))
            .map(Kill::at);
    return Stream.concat(answers, kills)
        .filter(at -> at.isAfter(attempt.at()))
        .min(Comparator.naturalOrder())
        .orElse(attempt.at());
  }

  private void killed(Kill kill, int bottom) {
    double x = x(kill.at());
    add(
        "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\"/>",
        x, TOP - 6, x, bottom, RED);
    add(
        "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"%s\">%s is killed with"
            + " SIGKILL</text>",
        x, bottom + 34, RED, kill.worker());
  }

  private void gap(double from, int y, double to) {
    add(
        "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#888\""
            + " stroke-dasharray=\"3 3\" stroke-width=\"2\"/>",
        from, y, to, y);
  }

  private void dot(double x, int y) {
    add("<circle cx=\"%.1f\" cy=\"%d\" r=\"3.5\" fill=\"#222\"/>", x, y);
  }

  private double x(Instant at) {
    return LEFT + Duration.between(from, at).toMillis() * pixelsPerMilli;
  }

  private String colour(String worker) {
    return COLOURS[workers.indexOf(worker) % COLOURS.length];
  }

  private void add(String format, Object... parts) {
    svg.append(String.format(Locale.ROOT, format, parts)).append('\n');
  }
}
