package dev.lease.worker.codec;

import java.util.Arrays;

/** Keys for {@link EncryptingCodec}, which differ from each other and are no secrets. */
public final class TestKeys {

  private TestKeys() {}

  public static byte[] key(int of) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) of);
    return key;
  }
}
