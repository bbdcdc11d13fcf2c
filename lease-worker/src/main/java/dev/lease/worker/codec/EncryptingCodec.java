package dev.lease.worker.codec;

import dev.lease.Limits;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts what another codec writes, with AES-256-GCM. Each text names the key that it was written
 * with, so keys can be rotated while jobs wait: first give all producers and workers the new key as
 * an old one, then make it the current one, and drop the old key once no job needs it. Immutable,
 * and safe for use by many threads.
 *
 * <p>Payloads, results, and the values and kept failures of steps are encrypted. Ids, types,
 * headers, names of steps, progress and error texts are not. Each text is bound to its queue, type,
 * job, kind and step: one that was changed cannot be read, nor one that was moved to another step,
 * job, type or queue, nor the failure of a step in place of a value. What cannot be noticed is that
 * a text was deleted, such as that of a step, and that an older text of the same place was put
 * back. Nor is a text noticed that is in the wrong place but was written by a version of this class
 * that did not bind texts; such a text begins with {@code aes:}, and cannot be read once its key is
 * dropped.
 *
 * <p>A text becomes a third longer, so only about 768 KiB of JSON fit into a job. Rotate a key
 * before it has written four billion texts: more are not safe with AES-GCM.
 */
public final class EncryptingCodec implements PayloadCodec {

  /** No JSON begins like this. */
  private static final String PREFIX = "aes2:";

  /** Of texts that are bound to their key alone: they are read, and no more written. */
  private static final String UNBOUND = "aes:";

  private static final String KEY_ID = "[A-Za-z0-9._-]{1,40}";
  private static final Pattern TEXT = Pattern.compile("(aes2?:)(" + KEY_ID + "):(.*)");
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final PayloadCodec inner;
  private final String current;
  private final Map<String, SecretKeySpec> keys;
  private final boolean plainTexts;

  private EncryptingCodec(
      PayloadCodec inner, String current, Map<String, SecretKeySpec> keys, boolean plainTexts) {
    this.inner = inner;
    this.current = current;
    this.keys = keys;
    this.plainTexts = plainTexts;
  }

  /**
   * Makes a codec.
   *
   * @param inner writes what is encrypted
   * @param keyId names the key that texts are written with: 1 to 40 letters, digits, dots, dashes
   *     and underscores. It is stored with each text, so it must be no secret
   * @param key the key, 32 random bytes
   * @return the codec
   */
  public static EncryptingCodec of(PayloadCodec inner, String keyId, byte[] key) {
    return new EncryptingCodec(Limits.notNull("inner", inner), keyId, Map.of(), false)
        .withOldKey(keyId, key);
  }

  /**
   * The same codec with one more key to read with.
   *
   * @param keyId names the key, as for the current one; another name than those of the other keys
   * @param key the key, 32 bytes
   * @return the codec
   */
  public EncryptingCodec withOldKey(String keyId, byte[] key) {
    if (!Limits.notNull("keyId", keyId).matches(KEY_ID)) {
      throw new IllegalArgumentException(
          "keyId must be 1 to 40 letters, digits, dots, dashes and underscores, was \"%s\""
              .formatted(keyId));
    }
    if (Limits.notNull("key", key).length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "key \"%s\" must have %d bytes, has %d".formatted(keyId, KEY_BYTES, key.length));
    }
    var more = new TreeMap<>(keys);
    if (more.put(keyId, new SecretKeySpec(key, "AES")) != null) {
      throw new IllegalArgumentException("there are two keys \"%s\"".formatted(keyId));
    }
    return new EncryptingCodec(inner, current, more, plainTexts);
  }

  /**
   * The same codec, which also reads texts that are not encrypted. Use it while jobs wait that were
   * written before encryption was turned on, and not for longer: until then, whoever can write to
   * the store can make up payloads without a key.
   *
   * @return the codec
   */
  public EncryptingCodec withPlainTexts() {
    return new EncryptingCodec(inner, current, keys, true);
  }

  @Override
  public String write(@Nullable Object value, Type type, CodecContext context) {
    return encrypted(inner.write(value, type, context), context);
  }

  @Override
  public @Nullable Object read(String text, Type type, CodecContext context) {
    return inner.read(decrypted(text, context), type, context);
  }

  @Override
  public String move(String text, CodecContext from, CodecContext to) {
    return encrypted(inner.move(decrypted(text, from), from, to), to);
  }

  private String encrypted(String inside, CodecContext context) {
    byte[] plain = Utf8.bytes(inside);
    String text =
        PREFIX + current + ":" + Base64.getEncoder().encodeToString(sealed(plain, context));
    if (text.length() > Limits.MAX_TEXT_BYTES) {
      throw new IllegalArgumentException(
          "an encrypted text must be at most %d bytes, was %d; it had %d before it was encrypted"
              .formatted(Limits.MAX_TEXT_BYTES, text.length(), plain.length));
    }
    return text;
  }

  /** The nonce, then what the cipher makes of the text. */
  private byte[] sealed(byte[] plain, CodecContext context) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    try {
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, current, nonce, boundTo(PREFIX, current, context))
              .doFinal(plain);
      return ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM cannot encrypt with AES-256-GCM", e);
    }
  }

  private String decrypted(String text, CodecContext context) {
    if (!text.startsWith(PREFIX) && !text.startsWith(UNBOUND)) {
      if (plainTexts) {
        return text;
      }
      throw new IllegalArgumentException(
          "the text is not encrypted; a codec reads such texts only with withPlainTexts()");
    }
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("the encrypted text is damaged: it has no key id");
    }
    String keyId = parts.group(2);
    if (!keys.containsKey(keyId)) {
      throw new IllegalArgumentException(
          "the text is encrypted with key \"%s\"; the keys here are %s"
              .formatted(keyId, keys.keySet()));
    }
    try {
      byte[] all = Base64.getDecoder().decode(parts.group(3));
      String bound = boundTo(parts.group(1), keyId, context);
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, keyId, all, bound);
      return Utf8.text(cipher.doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new IllegalArgumentException(
          "the text cannot be decrypted with key \"%s\": it was changed, or moved to another place, or written with another key of that id"
              .formatted(keyId),
          e);
    }
  }

  /**
   * @param bytes begin with the nonce
   */
  private Cipher cipher(int mode, String keyId, byte[] bytes, String boundTo)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, keys.get(keyId), new GCMParameterSpec(TAG_BITS, bytes, 0, NONCE_BYTES));
    cipher.updateAAD(Utf8.bytes(boundTo));
    return cipher;
  }

  /**
   * What a text is sealed together with, so that nobody can give it the id of another key, or put
   * it elsewhere. Each part has its length before it, so that no two places look the same.
   */
  private static String boundTo(String prefix, String keyId, CodecContext context) {
    String header = prefix + keyId + ":";
    if (prefix.equals(UNBOUND)) {
      return header;
    }
    String step = context.step();
    return Stream.of(
            context.kind().name(),
            context.queue(),
            context.type(),
            context.jobId(),
            step == null ? "" : step)
        .map(part -> part.length() + ":" + part)
        .collect(Collectors.joining("", header, ""));
  }
}
