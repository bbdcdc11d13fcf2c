package dev.lease.worker.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lease.worker.TypeReference;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedMethod;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

class JacksonCodecTest {

  record Line(String item, int amount) {
    Line {
      if (amount < 0) {
        throw new IllegalArgumentException("an amount is not negative");
      }
    }
  }

  record Order(String customer, List<Line> lines, Map<String, Integer> tags) {}

  private static final PayloadCodec CODEC = JacksonCodec.DEFAULT;

  @Test
  void aTypeWithArgumentsKeepsThem() {
    var type = new TypeReference<Map<String, List<Line>>>() {}.type();
    Map<String, List<Line>> value = Map.of("a", List.of(new Line("tea", 2)));
    String text = CODEC.write(value, type, Contexts.PAYLOAD);
    assertThat(text).isEqualTo("{\"a\":[{\"item\":\"tea\",\"amount\":2}]}");
    assertThat(CODEC.read(text, type, Contexts.PAYLOAD)).isEqualTo(value);
  }

  @Test
  void nullIsAValue() {
    assertThat(CODEC.write(null, String.class, Contexts.PAYLOAD)).isEqualTo("null");
    assertThat(CODEC.read("null", String.class, Contexts.PAYLOAD)).isNull();
  }

  @Test
  void aMapperOfYourOwnIsUsed() {
    var snake =
        JacksonCodec.of(
            JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build());
    record Name(String firstName) {}
    assertThat(snake.write(new Name("Ada"), Name.class, Contexts.PAYLOAD))
        .isEqualTo("{\"first_name\":\"Ada\"}");
  }

  @Test
  void anErrorSaysWhereAndDoesNotQuoteThePayload() {
    refused(
        "{\"customer\":\"4111-1111\",\"lines\":[{\"item\":\"tea\",\"amount\":\"4111-1111\"}]}",
        "the JSON cannot be read as dev.lease.worker.codec.JacksonCodecTest$Order:"
            + " InvalidFormatException at line 1, column 57, in .lines[0].amount");
    refused(
        "{\"tags\":{\"4111-1111\":\"x\"}}",
        "InvalidFormatException at line 1, column 22, in .tags[a key]");
    refused("\"4111-1111\"", "MismatchedInputException at line 1");
    refused("{4111-1111", "StreamReadException at line 1");
    refused("{\"x\":" + "[".repeat(100_000), "StreamConstraintsException");
    refused("", "MismatchedInputException");
    refused(" \u0000", "StreamReadException");
  }

  private static void refused(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CODEC.read(text, Order.class, Contexts.PAYLOAD))
        .withMessageContaining(message)
        .withNoCause()
        .withMessageNotContaining("4111");
  }

  @Test
  void whatAConstructorThrowsIsTheCause() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> CODEC.read("{\"item\":\"tea\",\"amount\":-1}", Line.class, Contexts.PAYLOAD))
        .withRootCauseInstanceOf(IllegalArgumentException.class)
        .havingRootCause()
        .withMessage("an amount is not negative");
  }

  @Test
  void aValueThatCannotBeWrittenIsRefused() {
    Object[] endless = new Object[1];
    endless[0] = endless;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CODEC.write(endless, Object[].class, Contexts.PAYLOAD))
        .withMessage(
            "a value of java.lang.Object[] cannot be written as JSON, in " + "[0]".repeat(10));
  }

  static final class Secretive {
    @SuppressWarnings("unused")
    private final int amount = 1;
  }

  @Deprecated
  static final class SecretiveWithAnAnnotation {
    @SuppressWarnings("unused")
    private final int amount = 1;
  }

  interface Shape {}

  record Circle(int radius) implements Shape {}

  record Box(@Nullable Object content, List<Object> list, Map<String, Shape> shapes) {}

  /** [Y4] They were written as an empty object. */
  @ParameterizedTest
  @MethodSource("blind")
  void aClassThatJacksonCannotSeeIntoIsRefusedByItsName(
      Object value, Type type, String unseen, String place) {
    for (PayloadCodec codec : List.of(CODEC, JacksonCodec.of(new JsonMapper()))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> codec.write(value, type, Contexts.PAYLOAD))
          .withMessageStartingWith(
              "a value of " + type.getTypeName() + " cannot be written as JSON" + place + ": ")
          .withMessageContaining("Jackson sees no property of " + unseen)
          .withMessageEndingWith("make it a record, or give it getters");
    }
  }

  static List<Arguments> blind() {
    String pack = "dev.lease.worker.codec.JacksonCodecTest";
    Runnable lambda = () -> {};
    return List.of(
        arguments(new Secretive(), Secretive.class, pack + "$Secretive", ""),
        arguments(
            new SecretiveWithAnAnnotation(),
            SecretiveWithAnAnnotation.class,
            pack + "$SecretiveWithAnAnnotation",
            ""),
        arguments(lambda, Runnable.class, "java.lang.Runnable", ""),
        arguments(new Circle(1), Shape.class, pack + "$Shape", ""),
        arguments(new Object(), Object.class, "java.lang.Object", ""),
        arguments(new Box(new Secretive(), List.of(), Map.of()), Box.class, pack, ", in .content"),
        arguments(
            new Box(null, List.of(1, new Secretive()), Map.of()), Box.class, pack, ", in .list[1]"),
        arguments(new Box(lambda, List.of(), Map.of()), Box.class, pack, ", in .content"),
        arguments(
            new Box(null, List.of(), Map.of("k", new Shape() {})),
            Box.class,
            pack,
            ", in .shapes[a key]"));
  }

  record Empty() {}

  static final class Open {
    private final Map<String, Integer> all = Map.of("a", 1);

    Map<String, Integer> all() {
      return all;
    }
  }

  /** As with the annotation of Jackson. */
  private static final class AllIsOpen extends JacksonAnnotationIntrospector {
    @Override
    public Boolean hasAnyGetter(MapperConfig<?> config, Annotated of) {
      return of instanceof AnnotatedMethod method && method.getDeclaringClass() == Open.class;
    }
  }

  @Test
  void whatMayBeEmptyIsWritten() {
    assertThat(CODEC.write(new Empty(), Empty.class, Contexts.PAYLOAD)).isEqualTo("{}");
    assertThat(CODEC.read("{}", Empty.class, Contexts.PAYLOAD)).isEqualTo(new Empty());
    assertThat(CODEC.write(Map.of(), Map.class, Contexts.PAYLOAD)).isEqualTo("{}");
    var open =
        JacksonCodec.of(JsonMapper.builder().annotationIntrospector(new AllIsOpen()).build());
    assertThat(open.write(new Open(), Open.class, Contexts.PAYLOAD)).isEqualTo("{\"a\":1}");
    assertThat(CODEC.write(Optional.empty(), Optional.class, Contexts.PAYLOAD)).isEqualTo("null");
  }

  @Test
  void aSerializerOfYourOwnMayWriteSuchAClass() {
    var module = new SimpleModule().addSerializer(Secretive.class, ToStringSerializer.instance);
    var codec = JacksonCodec.of(JsonMapper.builder().addModule(module).build());
    assertThat(codec.write(new Secretive(), Secretive.class, Contexts.PAYLOAD))
        .contains("Secretive@");
  }
}
