package dev.lease.redis;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The answer of a script, which is read from beginning to end. Used by one thread. */
final class Reply {

  private final List<? extends @Nullable Object> values;
  private int next;

  Reply(List<? extends @Nullable Object> values) {
    this.values = values;
  }

  boolean hasMore() {
    return next < values.size();
  }

  long number() {
    Object value = values.get(next++);
    return value instanceof Long number ? number : Long.parseLong(String.valueOf(value));
  }

  int integer() {
    return Math.toIntExact(number());
  }

  String text() {
    return Objects.requireNonNull(textOrNull(), "a text is missing in the answer of a script");
  }

  @Nullable String textOrNull() {
    Object value = values.get(next++);
    return value == null ? null : value.toString();
  }

  /** A reply that has only the next value. */
  Reply next() {
    return new Reply(Collections.singletonList(values.get(next++)));
  }

  /** The next value, which is a list itself. */
  @SuppressWarnings("unchecked") // NestedMultiOutput makes a list of an array.
  Reply part() {
    return new Reply((List<@Nullable Object>) values.get(next++));
  }
}
