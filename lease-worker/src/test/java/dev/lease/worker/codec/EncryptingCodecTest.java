package dev.lease.worker.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.Limits;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EncryptingCodecTest {

  private static final byte[] KEY = TestKeys.key(1);
  private static final byte[] NEXT = TestKeys.key(2);
  private static final PayloadCodec PLAIN = JacksonCodec.DEFAULT;
  private static final EncryptingCodec CODEC = EncryptingCodec.of(PLAIN, "2026-a", KEY);
  private static final String SECRET = "4111-1111 Grüße 🍵";

  private static String write(PayloadCodec codec) {
    return codec.write(SECRET, String.class, Contexts.PAYLOAD);
  }

  private static void reads(PayloadCodec codec, String text) {
    assertThat(codec.read(text, String.class, Contexts.PAYLOAD)).isEqualTo(SECRET);
  }

  private static void refuses(PayloadCodec codec, String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec.read(text, String.class, Contexts.PAYLOAD))
        .withMessageContaining(message)
        .withMessageNotContaining("4111");
  }

  @Test
  void aTextIsReadBackNamesItsKeyAndIsNeverTheSame() {
    String text = write(CODEC);
    assertThat(text).matches("aes2:2026-a:[A-Za-z0-9+/]+=*");
    assertThat(write(CODEC)).isNotEqualTo(text);
    reads(CODEC, text);
    reads(EncryptingCodec.of(PLAIN, "2026-a", KEY), text);
  }

  @Test
  void keysAreRotatedWhileJobsWait() {
    String before = write(CODEC);
    EncryptingCodec knows = CODEC.withOldKey("2026-b", NEXT);
    EncryptingCodec rotated = EncryptingCodec.of(PLAIN, "2026-b", NEXT).withOldKey("2026-a", KEY);
    assertThat(write(knows)).startsWith("aes2:2026-a:");
    assertThat(write(rotated)).startsWith("aes2:2026-b:");
    reads(rotated, before);
    reads(knows, write(rotated));
    refuses(CODEC, write(rotated), "encrypted with key \"2026-b\"; the keys here are [2026-a]");
  }

  @Test
  void anotherKeyOfTheSameIdIsRefused() {
    refuses(EncryptingCodec.of(PLAIN, "2026-a", NEXT), write(CODEC), "with key \"2026-a\": it was");
  }

  @Test
  void whateverIsChangedIsNoticed() {
    String text = write(CODEC);
    int begin = "aes2:2026-a:".length();
    for (int i = begin; i < text.indexOf('='); i++) {
      char other = text.charAt(i) == 'A' ? 'Q' : 'A';
      refuses(CODEC, text.substring(0, i) + other + text.substring(i + 1), "it was changed");
    }
    refuses(CODEC, text.substring(0, begin), "it was changed");
    refuses(CODEC, text.substring(0, begin + 20), "it was changed");
    refuses(CODEC, text.substring(0, begin + 40), "it was changed");
    refuses(CODEC, "aes:2026-a:!", "it was changed");
    refuses(CODEC, "aes2:" + SECRET, "has no key id");
    // The same key under another name: the name is sealed as well.
    refuses(CODEC.withOldKey("2026-b", KEY), text.replace("2026-a", "2026-b"), "it was changed");
  }

  @Test
  @DisplayName("W35 a text that is moved elsewhere is noticed")
  void aTextThatIsMovedElsewhereIsNoticed() {
    CodecContext of = CodecContext.of("orders", "pay", "a", Map.of());
    CodecContext step = of.ofStep("charge");
    List<CodecContext> places =
        List.of(
            of,
            of.ofResult(),
            step,
            of.ofStep("mail"),
            of.ofStepFailure("charge"),
            CodecContext.of("orders", "pay", "b", Map.of()).ofStep("charge"),
            CodecContext.of("orders", "refund", "a", Map.of()).ofStep("charge"),
            CodecContext.of("mails", "pay", "a", Map.of()).ofStep("charge"));
    for (CodecContext from : places) {
      String text = CODEC.write(SECRET, String.class, from);
      for (CodecContext to : places) {
        if (from == to) {
          assertThat(CODEC.read(text, String.class, to)).isEqualTo(SECRET);
        } else {
          assertThatIllegalArgumentException()
              .as("%s as %s", from, to)
              .isThrownBy(() -> CODEC.read(text, String.class, to))
              .withMessageContaining("moved to another place");
        }
      }
    }
  }

  @Test
  void headersMayChangeAfterATextWasWritten() {
    var before = CodecContext.of("orders", "pay", "a", Map.of());
    var after = CodecContext.of("orders", "pay", "a", Map.of("traceparent", "00-1"));
    assertThat(CODEC.read(CODEC.write(SECRET, String.class, before), String.class, after))
        .isEqualTo(SECRET);
  }

  @Test
  void aTextIsMovedByTheCodecAlone() {
    var from = CodecContext.of("orders", "pay", "schedule:pay", Map.of());
    var to = CodecContext.of("orders", "pay", "pay@now", Map.of());
    PayloadCodec both = EncryptingCodec.of(CompressingCodec.of(PLAIN), "2026-a", KEY);
    String large = "tea".repeat(1_000);
    String moved = both.move(both.write(large, String.class, from), from, to);
    assertThat(both.read(moved, String.class, to)).isEqualTo(large);
    assertThatIllegalArgumentException().isThrownBy(() -> both.read(moved, String.class, from));
    assertThatIllegalArgumentException().isThrownBy(() -> both.move(moved, from, to));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PLAIN.move(moved, from, to))
        .withMessageContaining("cannot be read");
  }

  @Test
  void aTextOfBeforeTextsWereBoundIsRead() {
    String old =
        "aes:2026-a:3CtY//2enAaKvli7uXgCcGOT63cmN5Bq+3c0Yy99JeNEnpqxNFW2UWYexu/DVbLRfwhJCQ==";
    reads(CODEC, old);
    refuses(CODEC, old.replace("aes:", "aes2:"), "it was changed");
    refuses(CODEC, write(CODEC).replace("aes2:", "aes:"), "it was changed");
  }

  @Test
  void aPlainTextIsReadOnlyWhereThatIsAllowed() {
    String plain = write(PLAIN);
    refuses(CODEC, plain, "is not encrypted");
    reads(CODEC.withPlainTexts(), plain);
    reads(CODEC.withPlainTexts().withOldKey("2026-b", NEXT), plain);
    reads(CODEC.withPlainTexts(), write(CODEC));
  }

  @Test
  void whatIsCompressedAndEncryptedIsReadBack() {
    PayloadCodec both = EncryptingCodec.of(CompressingCodec.of(PLAIN), "2026-a", KEY);
    String large = "tea".repeat(Limits.MAX_TEXT_BYTES);
    String text = both.write(large, String.class, Contexts.PAYLOAD);
    assertThat(text).startsWith("aes2:").hasSizeLessThan(10_000);
    assertThat(both.read(text, String.class, Contexts.PAYLOAD)).isEqualTo(large);
  }

  @Test
  void aTextThatBecomesTooLargeIsRefusedWithBothSizes() {
    int fits = 786_360;
    assertThat(CODEC.write("x".repeat(fits), String.class, Contexts.PAYLOAD))
        .hasSizeLessThan(1 << 20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CODEC.write("x".repeat(800_000), String.class, Contexts.PAYLOAD))
        .withMessage(
            "an encrypted text must be at most 1048576 bytes, was 1066720; it had 800002 before it"
                + " was encrypted");
  }

  @Test
  void badKeysAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EncryptingCodec.of(PLAIN, "k", new byte[16]))
        .withMessage("key \"k\" must have 32 bytes, has 16");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CODEC.withOldKey("a:b", KEY))
        .withMessageContaining("was \"a:b\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CODEC.withOldKey("2026-a", NEXT))
        .withMessage("there are two keys \"2026-a\"");
  }

  @Test
  void aKeyIsCopied() {
    byte[] key = TestKeys.key(1);
    EncryptingCodec codec = EncryptingCodec.of(PLAIN, "k", key);
    String text = write(codec);
    Arrays.fill(key, (byte) 0);
    reads(codec, text);
  }
}
