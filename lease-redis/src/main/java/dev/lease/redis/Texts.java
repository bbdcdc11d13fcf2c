package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.codec.RedisCodec;
import java.nio.ByteBuffer;

/** Encodes texts as UTF-8 without a pooled buffer for each text, which Lettuce's codec takes. */
final class Texts implements RedisCodec<String, String> {

  static final Texts CODEC = new Texts();

  private Texts() {}

  @Override
  public String decodeKey(ByteBuffer bytes) {
    return decodeValue(bytes);
  }

  @Override
  public String decodeValue(ByteBuffer bytes) {
    byte[] text = new byte[bytes.remaining()];
    bytes.get(text);
    return new String(text, UTF_8);
  }

  @Override
  public ByteBuffer encodeKey(String key) {
    return encodeValue(key);
  }

  @Override
  public ByteBuffer encodeValue(String value) {
    return ByteBuffer.wrap(value.getBytes(UTF_8));
  }
}
