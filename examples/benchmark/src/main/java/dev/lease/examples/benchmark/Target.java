package dev.lease.examples.benchmark;

/**
 * The store that a child works on, and how.
 *
 * @param url the store
 * @param settings what the run is to do
 */
record Target(String url, Settings settings) {

  StoreKind kind() {
    return StoreKind.of(url);
  }

  /** Refuses a store that a peer cannot use. */
  void require(StoreKind kind) {
    if (kind() != kind) {
      throw new UnsupportedOperationException("works on " + kind.word() + " only");
    }
  }
}
