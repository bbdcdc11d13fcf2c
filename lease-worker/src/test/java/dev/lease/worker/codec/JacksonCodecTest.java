package dev.lease.worker.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.worker.TypeReference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

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
        .withMessage("a value of java.lang.Object[] cannot be written as JSON");
  }
}
