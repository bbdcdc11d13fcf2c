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
}
