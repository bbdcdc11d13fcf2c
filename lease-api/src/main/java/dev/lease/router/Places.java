package dev.lease.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.Limits;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How far a list of several stores has come in each of them: the cursor of the router. A store that
 * did not answer is left out of the rest of the list, since its jobs would come out of their order,
 * and each further page names it.
 */
final class Places {

  /** One store in a cursor: its name, what is known of it, and its own cursor. */
  private static final Pattern STORE = Pattern.compile("([\\w-]+)([.+=!])([\\w-]*)~");

  /** Where a list is in one store. */
  private enum State {
    BEGINNING('.'),
    /** After a cursor of the store. */
    AFTER('+'),
    ENDED('='),
    MISSING('!');

    private final char sign;

    State(char sign) {
      this.sign = sign;
    }

    static State of(char sign) {
      for (State state : values()) {
        if (state.sign == sign) {
          return state;
        }
      }
      throw new IllegalArgumentException("no state has the sign " + sign);
    }
  }

  private record Place(State state, @Nullable String cursor) {}

  private final Map<RoutedStore, Place> places = new LinkedHashMap<>();

  /**
   * @param after what {@link #next} gave, or null for the first page
   * @throws IllegalArgumentException if it does not come from a list of these stores
   */
  Places(Collection<RoutedStore> stores, @Nullable String after) {
    stores.forEach(store -> places.put(store, new Place(State.BEGINNING, null)));
    if (after != null) {
      read(after);
    }
  }

  private void read(String after) {
    Map<String, Place> named = new LinkedHashMap<>();
    Matcher each = STORE.matcher(after);
    int end = 0;
    try {
      while (end < after.length() && each.find(end) && each.start() == end) {
        State state = State.of(group(each, 2).charAt(0));
        String cursor = state == State.AFTER ? decoded(group(each, 3)) : null;
        named.put(decoded(group(each, 1)), new Place(state, cursor));
        end = each.end();
      }
    } catch (IllegalArgumentException e) {
      throw foreign(after);
    }
    if (end < after.length() || named.size() != places.size()) {
      throw foreign(after);
    }
    places.replaceAll(
        (store, beginning) -> {
          Place place = named.get(store.name());
          if (place == null) {
            throw foreign(after);
          }
          return place;
        });
    if (unread().isEmpty()) {
      throw foreign(after);
    }
  }

  private static String group(Matcher matcher, int group) {
    return Objects.requireNonNull(matcher.group(group));
  }

  private static IllegalArgumentException foreign(String after) {
    return new IllegalArgumentException(
        "after must come from a page of a router over the same stores, was "
            + Limits.oneLine(after));
  }

  /** The stores of which there is more to read, as far as is known. */
  List<RoutedStore> unread() {
    List<RoutedStore> unread = new ArrayList<>();
    places.forEach(
        (store, place) -> {
          if (place.state() == State.BEGINNING || place.state() == State.AFTER) {
            unread.add(store);
          }
        });
    return unread;
  }

  /** The cursor in a store of which there is more to read. */
  @Nullable String after(RoutedStore store) {
    return Objects.requireNonNull(places.get(store)).cursor();
  }

  /** Goes on in a store: to its cursor, or to its end if that is null. */
  void goOn(RoutedStore store, @Nullable String next) {
    places.put(store, next == null ? new Place(State.ENDED, null) : new Place(State.AFTER, next));
  }

  /** Leaves out the stores that did not answer. */
  void leaveOut(Collection<RoutedStore> stores) {
    stores.forEach(store -> places.put(store, new Place(State.MISSING, null)));
  }

  /** Whether no store has answered, and none is left to ask. */
  boolean isNothingLeft() {
    return places.values().stream().allMatch(place -> place.state() == State.MISSING);
  }

  /** The names of the stores that did not answer. */
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    places.forEach(
        (store, place) -> {
          if (place.state() == State.MISSING) {
            missing.add(store.name());
          }
        });
    return missing;
  }

  /** The cursor of the next page; null if there is nothing left to read. */
  @Nullable String next() {
    if (unread().isEmpty()) {
      return null;
    }
    var text = new StringJoiner("~", "", "~");
    places.forEach(
        (store, place) -> {
          String cursor = place.cursor();
          text.add(
              encoded(store.name()) + place.state().sign + (cursor == null ? "" : encoded(cursor)));
        });
    return text.toString();
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  private static String decoded(String text) {
    return new String(Base64.getUrlDecoder().decode(text), UTF_8);
  }
}
