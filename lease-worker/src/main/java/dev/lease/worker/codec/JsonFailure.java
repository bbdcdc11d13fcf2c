package dev.lease.worker.codec;

import java.lang.reflect.Type;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says of JSON that cannot be read where the error is. Jackson's own message would quote it. */
final class JsonFailure {

  private JsonFailure() {}

  /**
   * @param line the line of the error; 0 or less if there is none
   * @param path the place of the error in the value, or an empty text
   */
  static String text(Type type, Exception failure, int line, int column, String path) {
    return "the JSON cannot be read as "
        + type.getTypeName()
        + ": "
        + failure.getClass().getSimpleName()
        + (line <= 0 ? "" : " at line " + line + ", column " + column)
        + (path.isEmpty() ? "" : ", in " + path);
  }

  /** One step of a path. */
  static String step(@Nullable Object from, @Nullable String property, int index) {
    if (from instanceof Map) {
      // The key is a part of the payload.
      return "[a key]";
    }
    return property == null ? "[" + index + "]" : "." + property;
  }
}
