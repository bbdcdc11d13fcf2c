package dev.lease.worker.codec;

import java.lang.reflect.Type;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says where the error is, of JSON that cannot be read and of a value that cannot be written.
 * Jackson's own message would quote it.
 */
final class JsonFailure {

  /** A value that has itself inside would have a path without end. */
  static final int LONGEST_PATH = 10;

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
        + in(path);
  }

  /** Of a value that cannot be written. */
  static String notWritten(Type type, String path) {
    return "a value of " + type.getTypeName() + " cannot be written as JSON" + in(path);
  }

  /**
   * Of a value that would be written without what it has.
   *
   * @param unseen the class of which Jackson sees nothing
   */
  static String blind(Type type, Class<?> unseen, String path) {
    return notWritten(type, path)
        + ": Jackson sees no property of "
        + unseen.getName()
        + ", so nothing of it would be kept; make it a record, or give it getters";
  }

  private static String in(String path) {
    return path.isEmpty() ? "" : ", in " + path;
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
