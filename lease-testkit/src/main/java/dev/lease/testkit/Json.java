package dev.lease.testkit;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes maps, collections, numbers and texts as JSON. */
final class Json {

  private Json() {}

  static String of(Object value) {
    return text(value, "\n") + "\n";
  }

  private static String text(Object value, String line) {
    String inner = line + "  ";
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(each -> quoted(each.getKey()) + ": " + text(each.getValue(), inner))
          .collect(Collectors.joining("," + inner, "{" + inner, line + "}"));
    }
    if (value instanceof Collection<?> elements) {
      return elements.isEmpty()
          ? "[]"
          : elements.stream()
              .map(each -> text(each, inner))
              .collect(Collectors.joining("," + inner, "[" + inner, line + "]"));
    }
    return value instanceof Number ? value.toString() : quoted(value);
  }

  private static String quoted(Object text) {
    var quoted = new StringBuilder("\"");
    for (char c : text.toString().toCharArray()) {
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        default -> {
          // Control characters are not allowed, and lone surrogates survive no encoding.
          if (c < ' ' || Character.isSurrogate(c)) {
            quoted.append(String.format("\\u%04x", (int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
