package dev.lease.examples.orderbot;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** Tells what happens while it happens, with the time since the beginning. */
final class Story {

  private final PrintStream out;
  private final long began = System.nanoTime();

  Story(PrintStream out) {
    this.out = out;
  }

  /** A line without a time. It may have styles of picocli, which only a terminal shows. */
  void say(String line) {
    out.println(Ansi.AUTO.string(line));
  }

  /** An event. */
  void tell(String who, String what) {
    Duration since = Duration.ofNanos(System.nanoTime() - began);
    line(Durations.shown(since), who, what);
  }

  /** More about the last event. */
  void add(String who, String what) {
    line("", who, what);
  }

  private void line(String when, String who, String what) {
    say(String.format(Locale.ROOT, "%7s  %-9s %s", when, who, what));
  }
}
