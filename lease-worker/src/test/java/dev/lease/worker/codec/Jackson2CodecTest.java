package dev.lease.worker.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lease.worker.TypeReference;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Jackson2CodecTest {

  record Line(String item, int amount) {
    Line {
      if (amount < 0) {
        throw new IllegalArgumentException("an amount is not negative");
      }
    }
  }

  record Order(String customer, List<Line> lines, Map<String, Integer> tags) {}

  private static final PayloadCodec CODEC = Jackson2Codec.of(new ObjectMapper());

  private static final Order ORDER =
      new Order("Ada", List.of(new Line("tea", 2)), Map.of("gift", 1));

  @Test
  void bothJacksonsReadWhatTheOtherWrites() {
    String two = CODEC.write(ORDER, Order.class, Contexts.PAYLOAD);
    assertThat(two).isEqualTo(JacksonCodec.DEFAULT.write(ORDER, Order.class, Contexts.PAYLOAD));
    assertThat(CODEC.read(two, Order.class, Contexts.PAYLOAD)).isEqualTo(ORDER);
  }

  @Test
  void aTypeWithArgumentsKeepsThem() {
    var type = new TypeReference<Map<String, List<Line>>>() {}.type();
    Map<String, List<Line>> value = Map.of("a", List.of(new Line("tea", 2)));
    assertThat(CODEC.read(CODEC.write(value, type, Contexts.PAYLOAD), type, Contexts.PAYLOAD))
        .isEqualTo(value);
  }

  @Test
  void anErrorSaysWhereAndDoesNotQuoteThePayload() {
    refused(
        "{\"lines\":[{\"amount\":\"4111-1111\"}]}",
        "Jackson2CodecTest$Order: InvalidFormatException at line 1, column 21, in .lines[0].amount");
    refused("{\"tags\":{\"4111-1111\":\"x\"}}", "in .tags[a key]");
    refused("{4111-1111", "JsonParseException at line 1");
    refused("{\"x\":" + "[".repeat(100_000), "StreamConstraintsException");
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
        .havingRootCause()
        .withMessage("an amount is not negative");
  }

  @Test
  void aValueThatCannotBeWrittenIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CODEC.write(new Object(), Object.class, Contexts.PAYLOAD))
        .withMessage(
            "a value of java.lang.Object cannot be written as JSON: Jackson sees no property of"
                + " java.lang.Object, so nothing of it would be kept; make it a record, or give it"
                + " getters");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CODEC.write(List.of(Instant.EPOCH), List.class, Contexts.PAYLOAD))
        .withMessage("a value of java.util.List cannot be written as JSON, in [0]")
        .withStackTraceContaining("jackson-datatype-jsr310");
  }
}
