package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of every {@link Script}: the clock, names for its keys, the parts from {@code lua/lib}
 * that it uses, and its own file from {@code lua}. The head of a file says which parts it uses and
 * which keys it works on. A text is put together when it is needed first: for all of them it takes
 * a process that starts a quarter of a second of processor time. A test has a subclass with other
 * texts.
 */
class Scripts {

  /**
   * A script as the server gets it.
   *
   * @param sha its name on a server that has seen it
   */
  record Text(String lua, String sha) {}

  private static final String PARTS = "lib/";

  /** The files that were read. */
  private static final Map<String, String> FILES = new ConcurrentHashMap<>();

  /** The clock of the server. */
  static final Supplier<String> SERVER_CLOCK = constant(withoutComments(read(PARTS + "clock")));

  private static final Pattern HEAD = Pattern.compile("(?m)^-- (USES|KEYS): (.*)$");

  /** A statement that gives names in capitals to numbers and texts. */
  private static final Pattern CONSTANTS =
      Pattern.compile("(?m)^local ([A-Z_,\\s]+) =\\s+([-'<>\\w, ]+)\n");

  /** A name in capitals outside of a text: it may be a constant. */
  private static final Pattern NAME = Pattern.compile("(?<!['\\w])[A-Z][A-Z_]*(?!['\\w])");

  private static final Pattern WORD = Pattern.compile("\\w+");

  /** A function of a file, with its name. */
  private static final Pattern FUNCTION =
      Pattern.compile("(?ms)^local function (\\w+)\\(.*?^end\n");

  /**
   * The files that begin a function around all that follows. A function that is made takes each
   * variable from outside of it. Lua finds those of the function around it by a search through all
   * that were taken before, and those from further out at once. The search was a sixth of a short
   * script. No function can take more than 60, which leaves out the other files.
   */
  private static final Set<String> NESTED = Set.of(PARTS + "jobs", PARTS + "moves");

  /** Stands where such a function begins, while a script is put together. */
  private static final String NESTING = "--\n";

  /**
   * Runs a script, and then writes something. The server says whether an effect is safe only for
   * what was written on the same connection. A script that is repeated writes nothing, and what its
   * caller relies on was written on another. If the server refuses this write, the call fails: its
   * effect cannot be confirmed. A queue that is not there has nothing to confirm.
   */
  private static final String TOUCHING =
      """
      local function run()
      {script}end
      local answer = run()
      if redis.call('EXISTS', meta) == 1 then
        redis.call('HDEL', meta, '') -- as evenIfFull in lib/jobs.lua
        redis.call('HSET', meta, 'touched', now)
      end
      return answer
      """;

  /** A file with the parts that it uses before it, and the keys of all of them. */
  private record Source(Set<String> keys, String lua) {

    static Source of(String file) {
      Set<String> keys = new LinkedHashSet<>();
      Set<String> parts = new LinkedHashSet<>();
      add(file, keys, parts);
      var lua = new StringBuilder();
      for (String part : parts) {
        lua.append(NESTED.contains(part) ? NESTING : "").append(withoutComments(read(part)));
      }
      return new Source(keys, lua.toString());
    }

    private static void add(String file, Set<String> keys, Set<String> parts) {
      Matcher head = HEAD.matcher(read(file));
      while (head.find()) {
        List<String> names = List.of(head.group(2).split(" "));
        if (head.group(1).equals("KEYS")) {
          keys.addAll(names);
        } else {
          names.forEach(part -> add(PARTS + part, keys, parts));
        }
      }
      parts.add(file);
    }
  }

  /** The keys of a script, and its text but for the clock. */
  private record Body(List<String> keys, String lua) {}

  private final Map<Script, Body> bodies = new ConcurrentHashMap<>();
  private final Map<Script, Text> texts = new ConcurrentHashMap<>();
  private final Map<String, String> words;
  private final boolean touches;
  private final Supplier<String> clock;

  /**
   * @param words the values of the words that stand in braces in the files
   * @param touches whether scripts whose effect must survive write something in any case
   * @param clock the Lua that sets {@code now}; a test has its own
   */
  Scripts(Map<String, String> words, boolean touches, Supplier<String> clock) {
    this.words = words;
    this.touches = touches;
    this.clock = clock;
  }

  private Body body(Script script) {
    return bodies.computeIfAbsent(script, this::made);
  }

  private Body made(Script script) {
    Source source = Source.of(script.file());
    String lua = nested(withoutUnused(withConstants(source.lua)));
    for (Map.Entry<String, String> word : words.entrySet()) {
      lua = lua.replace("{" + word.getKey() + "}", word.getValue());
    }
    boolean touched = touches && script.mustSurvive() && source.keys.contains("meta");
    return new Body(
        Keys.spread(source.keys),
        Keys.named(source.keys) + (touched ? TOUCHING.replace("{script}", lua) : lua));
  }

  /** The kinds of the keys that a script works on, in the order in which it expects them. */
  List<String> keys(Script script) {
    return body(script).keys;
  }

  Text text(Script script) {
    String now = clock.get();
    Text last = texts.get(script);
    if (last == null || !last.lua.startsWith(now)) {
      String lua = now + body(script).lua;
      last = new Text(lua, sha1(lua));
      texts.put(script, last);
    }
    return last;
  }

  private static <T> Supplier<T> constant(T value) {
    return () -> value;
  }

  private static String withoutComments(String lua) {
    return lua.replaceAll("(?m)^ *--.*\n", "");
  }

  /**
   * Replaces the names of constants by their values. To Lua they are variables, which every
   * function that uses them looks up again in each run; that was a quarter of the time of a short
   * script.
   */
  private static String withConstants(String lua) {
    Map<String, String> constants = new HashMap<>();
    Matcher found = CONSTANTS.matcher(lua);
    while (found.find()) {
      String[] names = found.group(1).split(",\\s+", -1);
      String[] values = found.group(2).split(", ", -1);
      for (int i = 0; i < names.length; i++) {
        constants.put(names[i], values[i]);
      }
    }
    return NAME.matcher(CONSTANTS.matcher(lua).replaceAll(""))
        .replaceAll(
            name -> Matcher.quoteReplacement(constants.getOrDefault(name.group(), name.group())));
  }

  /**
   * Leaves out the functions that a script does not call. A script makes all its functions anew in
   * each run; with those of the parts that it does not need, that was a sixth of a short one.
   */
  private static String withoutUnused(String lua) {
    Map<String, Long> uses =
        WORD.matcher(lua).results().collect(groupingBy(MatchResult::group, counting()));
    String shorter =
        FUNCTION.matcher(lua).replaceAll(it -> uses.getOrDefault(it.group(1), 0L) > 1 ? "$0" : "");
    return shorter.equals(lua) ? lua : withoutUnused(shorter);
  }

  private static String nested(String lua) {
    int levels = Math.toIntExact(Pattern.compile("(?m)^" + NESTING).matcher(lua).results().count());
    return lua.replace(NESTING, "local function within()\n")
        + "end\nreturn within()\n".repeat(levels);
  }

  private static String read(String file) {
    return FILES.computeIfAbsent(file, Scripts::readNew);
  }

  private static String readNew(String file) {
    try (InputStream in = Scripts.class.getResourceAsStream("lua/" + file + ".lua")) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
