package dev.lease.examples.orderbot;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** Tells what happens as it happens, with the time since the story began. */
final class Story {

  private final PrintStream out;
  private final long began = System.nanoTime();

  Story(PrintStream out) {
    this.out = out;
  }

  /** A line without a time; styles are those of picocli, shown on a terminal only. */
  void say(String line) {
    out.println(Ansi.AUTO.string(line));
  }

  /** Something that happened. */
  void tell(String who, String what) {
    Duration since = Duration.ofNanos(System.nanoTime() - began);
    line(Durations.shown(since), who, what);
  }

  /** More about what was told last. */
  void add(String who, String what) {
    line("", who, what);
  }

  private void line(String when, String who, String what) {
    say(String.format(Locale.ROOT, "%7s  %-9s %s", when, who, what));
  }
}
