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
 * <p>A text has at most 4 MiB of UTF-8 before it is compressed, or what {@link #withMaxBytes} sets:
 * a larger one is neither written nor read. A short text can become a thousand times as long, and
 * each handler that runs may read one at the same moment.
 *
 * <p>To encrypt as well, wrap this codec in an {@link EncryptingCodec}, and not the other way
 * round: what is encrypted cannot be compressed.
 */
public final class CompressingCodec implements PayloadCodec {

  /** No JSON begins like this. */
  private static final String PREFIX = "gzip:";

  private static final int SHORT = 1_000;

  private static final int DEFAULT_MAX_BYTES = 4 << 20;
  private static final int MOST_MAX_BYTES = 1 << 30;

  private final PayloadCodec inner;
  private final int maxBytes;

  private CompressingCodec(PayloadCodec inner, int maxBytes) {
    this.inner = inner;
    this.maxBytes = maxBytes;
  }

  /**
   * Makes a codec.
   *
   * @param inner writes what is compressed, at most 4 MiB of UTF-8
   * @return the codec
   */
  public static CompressingCodec of(PayloadCodec inner) {
    return new CompressingCodec(Limits.notNull("inner", inner), DEFAULT_MAX_BYTES);
  }

  /**
   * Sets how long a text may be before it is compressed. A worker needs several times as many bytes
   * of memory for each handler that runs. Set it for all readers before a writer uses more.
   *
   * @param maxBytes in bytes of UTF-8, from 1,000 to 1 GiB
   * @return the same codec with this limit
   */
  public CompressingCodec withMaxBytes(int maxBytes) {
    return new CompressingCodec(inner, Limits.between("maxBytes", maxBytes, SHORT, MOST_MAX_BYTES));
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

  private String compressed(String text) {
    boolean looksCompressed = text.startsWith(PREFIX);
    if (text.length() < SHORT && !looksCompressed) {
      return text;
    }
    byte[] bytes = Utf8.bytes(text);
    if (bytes.length > maxBytes) {
      throw new IllegalArgumentException(
          "a text must be at most %d bytes before it is compressed, was %d; withMaxBytes allows more"
              .formatted(maxBytes, bytes.length));
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

  private String uncompressed(String text) {
    if (!text.startsWith(PREFIX)) {
      return text;
    }
    byte[] bytes;
    try (var gzip = new GZIPInputStream(new ByteArrayInputStream(decoded(text)))) {
      bytes = gzip.readNBytes(maxBytes + 1);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException("the compressed text is damaged", e);
    }
    if (bytes.length > maxBytes) {
      throw new IllegalArgumentException(
          "the text has more than %d bytes once it is uncompressed; withMaxBytes allows more"
              .formatted(maxBytes));
    }
    return Utf8.text(bytes);
  }

  private static byte[] decoded(String text) {
    return Base64.getDecoder().decode(text.substring(PREFIX.length()));
  }
}
