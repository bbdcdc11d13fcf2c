package dev.lease.examples.mutants;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeMap;
import java.util.regex.Matcher;

/**
 * The blocks of a Lua script: what is run as a whole. 0 is what stands in no function or branch.
 */
final class Blocks {

  /** The channel on which a script says which of its blocks it has reached. */
  static final String CHANNEL = "reached";

  private static final String PROBE =
      """
      local reached = {} local function reach(block) if not reached[block] then reached[block] = true
      redis.pcall('PUBLISH', '%s', '%s ' .. block) end end reach(0)
      """;

  private final String text;

  /** Where a block goes on, up to the next place. */
  private final TreeMap<Integer, Integer> places = new TreeMap<>();

  /** Behind which places a block begins. */
  private final TreeMap<Integer, Integer> beginnings = new TreeMap<>();

  private final Deque<Integer> open = new ArrayDeque<>();

  Blocks(String text) {
    this.text = text;
    open.push(0);
    places.put(0, 0);
    int parameters = -1;
    int depth = 0;
    Matcher token = LuaMutator.TOKEN.matcher(text);
    while (token.find()) {
      switch (token.group()) {
        case "then", "do", "repeat" -> begin(token.end());
        case "else" -> {
          end(token.start());
          begin(token.end());
        }
        case "elseif", "end", "until" -> end(token.start());
        case "function" -> parameters = depth;
        case "(" -> depth++;
        case ")" -> {
          depth--;
          if (depth == parameters) {
            begin(token.end());
            parameters = -1;
          }
        }
        default -> {
          // Within a block.
        }
      }
    }
  }

  /** What a test is said to reach. */
  static String name(String file, int block) {
    return file + " " + block;
  }

  /** The block that each script with the file reaches. */
  static String first(String file) {
    return name(file, 0);
  }

  private void begin(int place) {
    int block = beginnings.size() + 1;
    beginnings.put(place, block);
    places.put(place, block);
    open.push(block);
  }

  private void end(int place) {
    open.pop();
    places.put(place, open.element());
  }

  /** The block in which another text is the first to differ. */
  int changedIn(String other) {
    return places.floorEntry(firstDifference(text, other)).getValue();
  }

  /** The place of the first character that two texts do not share. */
  static int firstDifference(String one, String other) {
    int place = 0;
    while (place < Math.min(one.length(), other.length())
        && one.charAt(place) == other.charAt(place)) {
      place++;
    }
    return place;
  }

  /** The script, which now says what it reaches. */
  String withProbes(String file) {
    var probed = new StringBuilder(text);
    beginnings
        .descendingMap()
        .forEach((place, block) -> probed.insert(place, " reach(%d) ".formatted(block)));
    Matcher token = LuaMutator.TOKEN.matcher(text);
    while (token.find() && token.group().startsWith("--")) {
      // The head of the file stays what it begins with.
    }
    return probed.insert(token.start(), PROBE.formatted(CHANNEL, file)).toString();
  }
}
