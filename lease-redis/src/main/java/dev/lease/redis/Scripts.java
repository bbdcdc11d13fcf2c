package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The text of every {@link Script}: the clock, what all of its kind share, and its file. All are
 * read at once, so that a missing one fails when the store opens.
 */
final class Scripts {

  /**
   * A script as the server gets it.
   *
   * @param sha by which the server knows it once it has seen it
   */
  record Text(String lua, String sha) {}

  /** The clock of the server. */
  static final Supplier<String> SERVER_CLOCK = constant(read("clock.lua"));

  private final Map<Script, String> bodies = new EnumMap<>(Script.class);
  private final Map<Script, Text> texts = new EnumMap<>(Script.class);
  private final Supplier<String> clock;

  /**
   * @param words what stands for the words in braces
   * @param clock what sets {@code now}; a test gives one of its own
   */
  Scripts(Map<String, String> words, Supplier<String> clock) {
    this.clock = clock;
    String shared = read("queue.lua");
    for (Script script : Script.values()) {
      String text = (script.onQueue ? shared : "") + read(script.file());
      for (Map.Entry<String, String> word : words.entrySet()) {
        text = text.replace("{" + word.getKey() + "}", word.getValue());
      }
      bodies.put(script, text.replaceAll("(?m)^ *--.*\n", ""));
    }
  }

  synchronized Text text(Script script) {
    String lua = clock.get() + bodies.get(script);
    Text last = texts.get(script);
    if (last == null || !last.lua.equals(lua)) {
      last = new Text(lua, sha1(lua));
      texts.put(script, last);
    }
    return last;
  }

  private static <T> Supplier<T> constant(T value) {
    return () -> value;
  }

  private static String read(String file) {
    try (InputStream in = Scripts.class.getResourceAsStream("lua/" + file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
