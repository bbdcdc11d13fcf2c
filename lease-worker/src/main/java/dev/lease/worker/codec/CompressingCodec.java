package dev.lease.worker.codec;

import dev.lease.Limits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.util.Base64;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Compresses what another codec writes, with GZIP. A text of less than 1,000 characters, or one
 * that would not become shorter, stays as it is. What was written before compression was turned on
 * is read as well. Safe for use by many threads.
 *
 * <p>To encrypt as well, wrap this codec in an {@link EncryptingCodec}, and not the other way
 * round: what is encrypted cannot be compressed.
 */
public final class CompressingCodec implements PayloadCodec {

  /** No JSON begins like this. */
  private static final String PREFIX = "gzip:";

  private static final int SHORT = 1_000;

  /** Larger texts are neither written nor read: a small text could else fill the memory. */
  private static final int MAX_BYTES = 16 << 20;

  private final PayloadCodec inner;

  private CompressingCodec(PayloadCodec inner) {
    this.inner = inner;
  }

  /**
   * Makes a codec.
   *
   * @param inner writes what is compressed, at most 16 MiB of UTF-8
   * @return the codec
   */
  public static CompressingCodec of(PayloadCodec inner) {
    return new CompressingCodec(Limits.notNull("inner", inner));
  }

  @Override
  public String write(@Nullable Object value, Type type, CodecContext context) {
    return compressed(inner.write(value, type, context));
  }

  @Override
  public @Nullable Object read(String text, Type type, CodecContext context) {
    return inner.read(uncompressed(text), type, context);
  }

  @Override
  public String move(String text, CodecContext from, CodecContext to) {
    return compressed(inner.move(uncompressed(text), from, to));
  }

  private static String compressed(String text) {
    boolean looksCompressed = text.startsWith(PREFIX);
    if (text.length() < SHORT && !looksCompressed) {
      return text;
    }
    byte[] bytes = Utf8.bytes(text);
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a text must be at most %d bytes before it is compressed, was %d"
              .formatted(MAX_BYTES, bytes.length));
    }
    String compressed = PREFIX + Base64.getEncoder().encodeToString(gzip(bytes));
    return compressed.length() < text.length() || looksCompressed ? compressed : text;
  }

  private static byte[] gzip(byte[] bytes) {
    var compressed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toByteArray();
  }

  private static String uncompressed(String text) {
    if (!text.startsWith(PREFIX)) {
      return text;
    }
    byte[] bytes;
    try (var gzip = new GZIPInputStream(new ByteArrayInputStream(decoded(text)))) {
      bytes = gzip.readNBytes(MAX_BYTES + 1);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException("the compressed text is damaged", e);
    }
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "the text has more than %d bytes once it is uncompressed".formatted(MAX_BYTES));
    }
    return Utf8.text(bytes);
  }

  private static byte[] decoded(String text) {
    return Base64.getDecoder().decode(text.substring(PREFIX.length()));
  }
}
