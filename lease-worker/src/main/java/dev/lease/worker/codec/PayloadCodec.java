package dev.lease.worker.codec;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Turns payloads, results and the values of steps into the texts that a store keeps, and back.
 * Producers and workers of a type need codecs that read what the others write. {@link JacksonCodec}
 * is the default. Clients, workers and the tools of tests call it, and name each time what the text
 * belongs to [W35].
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
   * @param context what the text will belong to
   * @return the text
   * @throws IllegalArgumentException if the value cannot be written
   */
  String write(@Nullable Object value, Type type, CodecContext context);

  /**
   * Reads a value.
   *
   * @param text the text, perhaps written by another version of the program
   * @param type the type of the value
   * @param context what the text belongs to
   * @return the value
   * @throws IllegalArgumentException if the text cannot be read. Any other exception means the same
   */
  @Nullable Object read(String text, Type type, CodecContext context);

  /**
   * Makes the text of one job into the text of another. A schedule keeps the payload of its jobs as
   * a text of its own, and each firing makes the payload of a job from it. The worker that fires
   * may not have the class of the payload.
   *
   * @param text a text, as {@link #write} returned it
   * @param from what it belongs to
   * @param to what the new text will belong to
   * @return the new text; the same one, unless a codec overrides this because it binds texts to
   *     what they belong to
   * @throws IllegalArgumentException if the text cannot be read
   */
  default String move(String text, CodecContext from, CodecContext to) {
    return text;
  }
}
