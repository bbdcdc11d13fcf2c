package dev.lease.worker.codec;

import dev.lease.Limits;
import java.lang.reflect.Type;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes and reads JSON with Jackson 3. A text that cannot be read is reported by the place of the
 * error, and not quoted. Safe for use by many threads.
 *
 * <p>A class of which Jackson sees no property, such as one with private fields and no getters, is
 * refused when it is written, also inside another value: nothing of it would be kept. Only a record
 * may be empty. A serializer of your own may write any class.
 */
public final class JacksonCodec implements PayloadCodec {

  /** Has Jackson's defaults, which read and write no class names. */
  public static final JacksonCodec DEFAULT = new JacksonCodec(new JsonMapper());

  private final JsonMapper mapper;

  private JacksonCodec(JsonMapper mapper) {
    this.mapper = NoBlindWrites.in(mapper);
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
    ObjectWriter writer = mapper.writerFor(mapper.constructType(type));
    try {
      return writer.writeValueAsString(value);
    } catch (InvalidDefinitionException e) {
      throw new IllegalArgumentException(
          isBlind(writer, value)
              ? JsonFailure.blind(type, e.getType().getRawClass(), path(e))
              : JsonFailure.notWritten(type, path(e)),
          e);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(JsonFailure.notWritten(type, path(e)), e);
    }
  }

  /** Whether a value failed for nothing else but this check. */
  private static boolean isBlind(ObjectWriter writer, @Nullable Object value) {
    try {
      writer.without(SerializationFeature.FAIL_ON_EMPTY_BEANS).writeValueAsString(value);
      return true;
    } catch (JacksonException e) {
      return false;
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
    return JsonFailure.text(type, failure, line, column, path(failure));
  }

  private static String path(JacksonException failure) {
    return failure.getPath().stream()
        .limit(JsonFailure.LONGEST_PATH)
        .map(step -> JsonFailure.step(step.from(), step.getPropertyName(), step.getIndex()))
        .collect(Collectors.joining());
  }

  /** What a constructor threw is not Jackson's, and says which rule the value breaks. */
  private static @Nullable Throwable ofConstructor(JacksonException failure) {
    return failure instanceof ValueInstantiationException ? failure.getCause() : null;
  }
}
