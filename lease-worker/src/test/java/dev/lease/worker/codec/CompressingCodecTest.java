package dev.lease.worker.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.Limits;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CompressingCodecTest {

  private static final PayloadCodec PLAIN = JacksonCodec.DEFAULT;
  private static final PayloadCodec CODEC = CompressingCodec.of(PLAIN);
  private static final String LONG = "Grüße 🍵 ".repeat(1_000);

  private static String write(String value) {
    return CODEC.write(value, String.class, Contexts.PAYLOAD);
  }

  private static @Nullable Object read(String text) {
    return CODEC.read(text, String.class, Contexts.PAYLOAD);
  }

  @Test
  void aLongTextBecomesShorterAndIsReadBack() {
    String text = write(LONG);
    assertThat(text).startsWith("gzip:").hasSizeLessThan(500);
    assertThat(read(text)).isEqualTo(LONG);
  }

  @Test
  void whatWouldNotBecomeShorterStaysAsItIs() {
    assertThat(write("x".repeat(900))).isEqualTo("\"" + "x".repeat(900) + "\"");
    var all = new StringBuilder();
    for (char c = '一'; c < '一' + 1_000; c++) {
      all.append(c);
    }
    assertThat(write(all.toString())).isEqualTo("\"" + all + "\"");
  }

  @Test
  void whatWasWrittenBeforeIsRead() {
    assertThat(read(PLAIN.write(LONG, String.class, Contexts.PAYLOAD))).isEqualTo(LONG);
  }

  @Test
  void moreThanAStoreTakesFitsIn() {
    String large = "x".repeat(2 * Limits.MAX_TEXT_BYTES);
    String text = write(large);
    assertThat(text).hasSizeLessThan(Limits.MAX_TEXT_BYTES);
    assertThat(read(text)).isEqualTo(large);
  }

  @Test
  void aBombIsRefused() {
    int most = (4 << 20) - 2;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write("x".repeat(most + 1)))
        .withMessage(
            "a text must be at most 4194304 bytes before it is compressed, was 4194305;"
                + " withMaxBytes allows more");
    assertThat(read(write("x".repeat(most)))).asString().hasSize(most);

    CompressingCodec larger = CompressingCodec.of(PLAIN).withMaxBytes(8 << 20);
    String bomb = larger.write("x".repeat(most + 1), String.class, Contexts.PAYLOAD);
    assertThat(larger.read(bomb, String.class, Contexts.PAYLOAD)).asString().hasSize(most + 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(bomb))
        .withMessage(
            "the text has more than 4194304 bytes once it is uncompressed; withMaxBytes allows"
                + " more");
  }

  @Test
  void aLimitThatNoTextCouldMeetIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CompressingCodec.of(PLAIN).withMaxBytes(999))
        .withMessage("maxBytes must be 1000 to 1073741824, was 999");
  }

  @Test
  void aDamagedTextIsRefusedWithoutBeingQuoted() {
    String text = write(LONG);
    for (String damaged : new String[] {"gzip:", "gzip:!", text.substring(0, 40), "gzip:AAAA"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> read(damaged))
          .withMessage("the compressed text is damaged");
    }
  }

  @Test
  void aTextThatLooksCompressedIsReadBackToo() {
    PayloadCodec plain =
        new PayloadCodec() {
          @Override
          public String write(@Nullable Object value, Type type, CodecContext context) {
            return String.valueOf(value);
          }

          @Override
          public @Nullable Object read(String text, Type type, CodecContext context) {
            return text;
          }
        };
    PayloadCodec codec = CompressingCodec.of(plain);
    String text = codec.write("gzip:", String.class, Contexts.PAYLOAD);
    assertThat(codec.read(text, String.class, Contexts.PAYLOAD)).isEqualTo("gzip:");
  }

  @Test
  void aLoneSurrogateIsRefusedSinceItWouldBecomeAQuestionMark() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write(LONG + '\ud800'))
        .withMessageContaining("surrogate");
  }
}
