package dev.lease.worker.codec;

import dev.lease.Limits;
import java.lang.reflect.Type;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes and reads JSON with Jackson 3. A text that cannot be read is reported by the place of the
 * error, and not quoted. Safe for use by many threads.
 */
public final class JacksonCodec implements PayloadCodec {

  /** Has Jackson's defaults, which read and write no class names. */
  public static final JacksonCodec DEFAULT = new JacksonCodec(new JsonMapper());

  private final JsonMapper mapper;

  private JacksonCodec(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * Makes a codec.
   *
   * @param mapper a mapper without default typing: with it, anybody who can write to the store
   *     could make a worker load and run any class
   * @return the codec
   */
  public static JacksonCodec of(JsonMapper mapper) {
    return new JacksonCodec(Limits.notNull("mapper", mapper));
  }

  @Override
  public String write(@Nullable Object value, Type type, CodecContext context) {
    try {
      return mapper.writerFor(mapper.constructType(type)).writeValueAsString(value);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "a value of " + type.getTypeName() + " cannot be written as JSON", e);
    }
  }

  @Override
  public @Nullable Object read(String text, Type type, CodecContext context) {
    try {
      return mapper.readValue(text, mapper.constructType(type));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(message(type, e), ofConstructor(e));
    }
  }

  /** Refuses a text that is no JSON: then another codec has written it. */
  @Override
  public String move(String text, CodecContext from, CodecContext to) {
    try {
      mapper.readTree(text);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(message(Object.class, e));
    }
    return text;
  }

  private static String message(Type type, JacksonException failure) {
    TokenStreamLocation place = failure.getLocation();
    int line = place == null ? 0 : place.getLineNr();
    int column = place == null ? 0 : place.getColumnNr();
    String path =
        failure.getPath().stream()
            .map(step -> JsonFailure.step(step.from(), step.getPropertyName(), step.getIndex()))
            .collect(Collectors.joining());
    return JsonFailure.text(type, failure, line, column, path);
  }

  /** What a constructor threw is not Jackson's, and says which rule the value breaks. */
  private static @Nullable Throwable ofConstructor(JacksonException failure) {
    return failure instanceof ValueInstantiationException ? failure.getCause() : null;
  }
}
