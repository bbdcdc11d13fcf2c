package dev.lease.examples.mutants;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The statements of a file of SQL are its blocks, from 1 on. */
final class Statements {

  /** What a statement says when it is sent: its file and its number. */
  static final Pattern PROBE = Pattern.compile("/\\* reached (\\S+) (\\d+) \\*/");

  private static final Pattern END = Pattern.compile("(?m)^--.*|;|(?<=\\S)\\s*\\z");

  private final String text;
  private final List<Integer> ends = new ArrayList<>();

  Statements(String text) {
    this.text = text;
    Matcher end = END.matcher(text);
    while (end.find()) {
      if (!end.group().startsWith("--")) {
        ends.add(end.start());
      }
    }
  }

  /** The number of the statement in which another text is the first to differ. */
  int changedIn(String other) {
    int place = Blocks.firstDifference(text, other);
    return 1 + (int) ends.stream().filter(end -> end < place).count();
  }

  /** The file, whose statements now say that they are sent. */
  String withProbes(String file) {
    var probed = new StringBuilder(text);
    for (int number = ends.size(); number > 0; number--) {
      probed.insert(ends.get(number - 1), " /* reached %s %d */".formatted(file, number));
    }
    return probed.toString();
  }
}
