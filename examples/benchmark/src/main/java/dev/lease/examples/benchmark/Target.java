package dev.lease.examples.benchmark;

import java.util.List;
import java.util.stream.Stream;

/**
 * The store that a child works on, and its settings.
 *
 * @param url the store, or several with a blank between them
 * @param settings what the run does
 */
record Target(String url, Settings settings) {

  StoreKind kind() {
    return StoreKind.of(url);
  }

  /** Each of its stores. */
  List<Target> stores() {
    return Stream.of(url.split(" ", -1)).map(each -> new Target(each, settings)).toList();
  }
}
