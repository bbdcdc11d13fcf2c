package dev.lease.worker.codec;

import java.util.Map;

/** Contexts of texts for tests. */
final class Contexts {

  static final CodecContext PAYLOAD = CodecContext.of("orders", "pay", "a", Map.of());

  private Contexts() {}
}
