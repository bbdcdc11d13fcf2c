package dev.lease.worker.codec;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.lease.Limits;
import java.lang.reflect.Type;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads JSON with Jackson 2. A text that cannot be read is reported by the place of the
 * error, and not quoted. Safe for use by many threads.
 *
 * <p>Jackson 2 is an optional dependency of this library: declare {@code
 * com.fasterxml.jackson.core:jackson-databind} in your own build.
 *
 * <p>By its default Jackson 2 refuses to write a class of which it sees no property, unless that
 * has an annotation of any kind.
 */
public final class Jackson2Codec implements PayloadCodec {

  private final ObjectMapper mapper;

  private Jackson2Codec(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * Makes a codec.
   *
   * @param mapper a mapper without default typing: with it, anybody who can write to the store
   *     could make a worker load and run any class. Change it no more once it is in use
   * @return the codec
   */
  public static Jackson2Codec of(ObjectMapper mapper) {
    return new Jackson2Codec(Limits.notNull("mapper", mapper));
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
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(JsonFailure.notWritten(type, path(e)), e);
    }
  }

  /** Whether a value failed only because Jackson sees no property of its class. */
  private static boolean isBlind(ObjectWriter writer, @Nullable Object value) {
    try {
      writer.without(SerializationFeature.FAIL_ON_EMPTY_BEANS).writeValueAsString(value);
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  @Override
  public @Nullable Object read(String text, Type type, CodecContext context) {
    try {
      return mapper.readValue(text, mapper.constructType(type));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(message(type, e), ofConstructor(e));
    }
  }

  /** Refuses a text that is no JSON: then another codec has written it. */
  @Override
  public String move(String text, CodecContext from, CodecContext to) {
    try {
      mapper.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(message(Object.class, e));
    }
    return text;
  }

  private static String message(Type type, JsonProcessingException failure) {
    JsonLocation place = failure.getLocation();
    int line = place == null ? 0 : place.getLineNr();
    int column = place == null ? 0 : place.getColumnNr();
    return JsonFailure.text(type, failure, line, column, path(failure));
  }

  private static String path(JsonProcessingException failure) {
    List<JsonMappingException.Reference> steps =
        failure instanceof JsonMappingException mapping ? mapping.getPath() : List.of();
    return steps.stream()
        .limit(JsonFailure.LONGEST_PATH)
        .map(step -> JsonFailure.step(step.getFrom(), step.getFieldName(), step.getIndex()))
        .collect(Collectors.joining());
  }

  /** What a constructor threw is not Jackson's, and says which rule the value breaks. */
  private static @Nullable Throwable ofConstructor(JsonProcessingException failure) {
    return failure instanceof ValueInstantiationException ? failure.getCause() : null;
  }
}
