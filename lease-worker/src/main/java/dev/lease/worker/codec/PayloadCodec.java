package dev.lease.worker.codec;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Turns payloads, results and the values of steps into the texts that a store keeps, and back.
 * Producers and workers of a type need codecs that read what the others write. {@link JacksonCodec}
 * is the default.
 *
 * <p>Users may implement this interface; workers and clients call it. It grows only by methods with
 * a default.
 *
 * <p>An implementation must be safe for use by many threads, and must not load classes that a text
 * names: anybody who can write to the store could run code with it. Its messages are logged and
 * stored, so they must not quote the text.
 */
public interface PayloadCodec {

  /**
   * Writes a value.
   *
   * @param value the value; null for a step whose value is null
   * @param type the type with which the text will be read; if that is a class, of a step or a
   *     result, the class of the value
   * @return the text
   * @throws IllegalArgumentException if the value cannot be written
   */
  String write(@Nullable Object value, Type type);

  /**
   * Reads a value.
   *
   * @param text the text, perhaps written by another version of the program
   * @param type the type of the value
   * @return the value
   * @throws IllegalArgumentException if the text cannot be read. Any other exception means the same
   */
  @Nullable Object read(String text, Type type);
}
