package dev.lease.router;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts a page together from the pages of several stores. A store has a cursor for the end of a page
 * only. So each store is asked for a whole page first, to see how much of it comes before what the
 * others have, and then for just so much.
 *
 * @param <T> what the pages have
 */
final class MergedPages<T> {

  /** A page of one store, or of all. */
  record Page<T>(List<T> items, @Nullable String next, int examined, List<String> missing) {}

  /** Reads a page in each of some stores, of as many as it says. */
  interface Reader<T> {
    Answers<Page<T>> read(Map<RoutedStore, Integer> limits);
  }

  /** A page from which items are taken, one after the other. */
  private static final class Source<T> {
    final RoutedStore store;
    final Page<T> page;
    int taken;

    Source(RoutedStore store, Page<T> page) {
      this.store = store;
      this.page = page;
    }

    boolean isUsedUp() {
      return taken == page.items().size();
    }

    T first() {
      return page.items().get(taken);
    }
  }

  private final Places places;
  private final Comparator<T> order;
  private final Reader<T> reader;

  /**
   * @param places where the page begins
   * @param order the order of the list, which each store keeps
   */
  MergedPages(Places places, Comparator<T> order, Reader<T> reader) {
    this.places = places;
    this.order = order;
    this.reader = reader;
  }

  /** Reads the page. */
  Page<T> read(int limit) {
    Map<RoutedStore, Integer> wanted = new LinkedHashMap<>();
    places.unread().forEach(store -> wanted.put(store, limit));
    List<Source<T>> seen = sources(reader.read(wanted).orThrowIfNone());
    merge(seen, limit);
    List<Source<T>> sources = new ArrayList<>();
    Map<RoutedStore, Integer> some = new LinkedHashMap<>();
    for (Source<T> source : seen) {
      if (source.isUsedUp()) {
        sources.add(source);
      } else if (source.taken > 0) {
        some.put(source.store, source.taken);
      }
    }
    Answers<Page<T>> rest = reader.read(some);
    sources.addAll(sources(sources.isEmpty() ? rest.orThrowIfNone() : rest));
    return joined(sources, limit);
  }

  private List<Source<T>> sources(Answers<Page<T>> answers) {
    places.leaveOut(answers.failed());
    List<Source<T>> sources = new ArrayList<>();
    answers.values().forEach((store, page) -> sources.add(new Source<>(store, page)));
    return sources;
  }

  /** All of these pages together; the places are at their ends. */
  private Page<T> joined(List<Source<T>> sources, int limit) {
    int examined = 0;
    Set<String> missing = new LinkedHashSet<>();
    List<Source<T>> whole = new ArrayList<>();
    for (Source<T> source : sources) {
      Page<T> page = source.page;
      places.goOn(source.store, page.next());
      examined += page.examined();
      missing.addAll(page.missing());
      whole.add(new Source<>(source.store, new Page<>(page.items(), null, 0, List.of())));
    }
    missing.addAll(places.missing());
    return new Page<>(merge(whole, limit), places.next(), examined, List.copyOf(missing));
  }

  /** Takes items in their order, until one that is not known yet could be the next. */
  private List<T> merge(List<Source<T>> sources, int limit) {
    List<T> merged = new ArrayList<>();
    while (merged.size() < limit) {
      Source<T> next = null;
      for (Source<T> source : sources) {
        if (!source.isUsedUp()) {
          next = next == null || order.compare(source.first(), next.first()) < 0 ? source : next;
        } else if (source.page.next() != null) {
          return merged;
        }
      }
      if (next == null) {
        return merged;
      }
      merged.add(next.first());
      next.taken++;
    }
    return merged;
  }
}
