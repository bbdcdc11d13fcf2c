package dev.lease.examples.benchmark;

/**
 * The store that a child works on, and its settings.
 *
 * @param url the store
 * @param settings what the run does
 */
record Target(String url, Settings settings) {

  StoreKind kind() {
    return StoreKind.of(url);
  }
}
