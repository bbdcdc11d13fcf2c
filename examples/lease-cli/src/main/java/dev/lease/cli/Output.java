package dev.lease.cli;

import dev.lease.Limits;
import dev.lease.examples.shared.Table;
import dev.lease.examples.shared.Texts;
import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where answers go: text for people, or JSON, one document a line.
 *
 * @param to the standard output
 * @param isJson whether JSON is wanted
 * @param width how many characters a line of a list may have
 */
record Output(PrintWriter to, boolean isJson, int width) {

  /** Plain ASCII: no terminal acts on it, and no encoding spoils it. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private static final String DELETE = "\u007f";

  /** Whether it is a JSON object, array or string, and nothing else. Plain text may be a number. */
  static boolean isJson(String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      return node.isContainer() || node.isString();
    } catch (JacksonException e) {
      return false;
    }
  }

  void json(Map<String, ? extends @Nullable Object> document) {
    to.println(MAPPER.writeValueAsString(document).replace(DELETE, "\\u007f"));
    to.flush();
  }

  /** Prints a line for people; with JSON nothing. */
  void say(String line) {
    if (!isJson) {
      to.println(Limits.oneLine(line));
      to.flush();
    }
  }

  /** Prints a line of a list, cut to the width; with JSON nothing. */
  void sayCut(String line) {
    if (!isJson) {
      say(Texts.cut(Limits.oneLine(line), width));
    }
  }

  void table(Table table) {
    to.print(table.within(width));
    to.flush();
  }
}
