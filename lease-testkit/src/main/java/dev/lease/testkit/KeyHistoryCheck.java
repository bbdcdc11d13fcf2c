package dev.lease.testkit;

import dev.lease.JobState;
import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Enqueued;
import dev.lease.testkit.Event.Found;
import dev.lease.testkit.Event.Granted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The laws of keys, for a history of jobs whose ids begin with their keys. As in {@link
 * HistoryCheck}, a law is broken only if it is broken in every order in which the calls can have
 * taken effect.
 */
final class KeyHistoryCheck {

  /** The keys of the history. */
  static final String TWO_SLOTS = "two";

  static final String ALONE = "alone";
  static final String IN_ORDER = "order";

  /** Keys whose jobs come at the end, all at once. */
  static final List<String> TURNS = List.of("turn-a", "turn-b", "turn-c");

  /** What the last job of each key is called. */
  static final String LAST = "last";

  private final String key;
  private final List<Event> history;
  private final Timeline time;
  private final List<Event> events;
  private final List<Grant> grants;
  private final List<Violation> violations = new ArrayList<>();

  private KeyHistoryCheck(String key, List<Event> history) {
    this.key = key;
    this.history = history;
    this.time = new Timeline(history);
    this.events =
        history.stream()
            .filter(event -> event.key().isEmpty() || key.equals(keyOf(event.key())))
            .toList();
    this.grants =
        Grant.only(Granted.class, events)
            .map(Granted::key)
            .filter(id -> !id.isEmpty())
            .distinct()
            .flatMap(id -> Grant.of(ofJob(id)).stream())
            .toList();
  }

  /** The key of the job with this id, or null. */
  static @Nullable String keyOf(String id) {
    int end = id.indexOf('/');
    return end < 0 ? null : id.substring(0, end);
  }

  static String id(String key, Object name) {
    return key + "/" + name;
  }

  static List<Violation> check(List<Event> history) {
    return history.stream()
        .map(event -> keyOf(event.key()))
        .filter(Objects::nonNull)
        .distinct()
        .sorted()
        .flatMap(key -> new KeyHistoryCheck(key, history).violations().stream())
        .toList();
  }

  private List<Violation> violations() {
    atMostSlots();
    slotReturns();
    if (key.equals(IN_ORDER)) {
      orderInKey();
    }
    if (TURNS.contains(key)) {
      everyKeyGetsItsTurn();
    }
    return violations;
  }

  private void broken(Law law, String what, Event... culprits) {
    violations.add(new Violation(law, "key " + key, what, List.of(culprits), events));
  }

  private List<Event> ofJob(String id) {
    return events.stream().filter(event -> event.key().equals(id)).toList();
  }

  private void atMostSlots() {
    int slots = key.equals(TWO_SLOTS) ? 2 : 1;
    for (Grant grant : grants) {
      long at = grant.granted().span().done();
      List<Event> holds =
          grants.stream()
              .filter(other -> other.granted().span().done() <= at)
              .filter(other -> at < other.trustedUntil(time, other.granted()))
              .map(other -> (Event) other.granted())
              .toList();
      if (holds.size() > slots) {
        broken(
            Law.AT_MOST_SLOTS,
            holds.size() + " jobs of a key with " + slots + " are held",
            holds.toArray(Event[]::new));
        return;
      }
    }
  }

  private void slotReturns() {
    Grant.only(Found.class, events)
        .filter(found -> found.key().equals(id(key, LAST)) && found.state() != JobState.DONE)
        .forEach(
            found ->
                broken(Law.SLOT_RETURNS, "all jobs of the key have ended, and this waits", found));
  }

  private void orderInKey() {
    for (Enqueued earlier : Grant.only(Enqueued.class, events).toList()) {
      if (earlier.answer() == Answer.YES) {
        grants.stream()
            .filter(later -> wasEnqueuedAfter(earlier, later.granted().key()))
            .forEach(later -> notGivenAfter(earlier, later.granted()));
      }
    }
  }

  private boolean wasEnqueuedAfter(Enqueued earlier, String id) {
    return !earlier.key().equals(id)
        && Grant.only(Enqueued.class, ofJob(id))
            .filter(Event::mayHaveHappened)
            .allMatch(enqueued -> earlier.span().isBefore(enqueued.span()));
  }

  private void notGivenAfter(Enqueued earlier, Granted later) {
    grants.stream()
        .map(Grant::granted)
        .filter(granted -> granted.key().equals(earlier.key()))
        .filter(granted -> later.span().isBefore(granted.span()))
        .findFirst()
        .ifPresent(
            granted ->
                broken(
                    Law.ORDER_IN_KEY,
                    "a job was given after one that was enqueued later",
                    earlier,
                    later,
                    granted));
  }

  /** The last caller takes these jobs one by one, and no call of it fails. */
  private void everyKeyGetsItsTurn() {
    List<Granted> all =
        Grant.only(Granted.class, history)
            .filter(granted -> TURNS.stream().anyMatch(turn -> turn.equals(keyOf(granted.key()))))
            .sorted(Comparator.comparingLong(granted -> granted.span().sent()))
            .toList();
    List<Granted> own = all.stream().filter(granted -> key.equals(keyOf(granted.key()))).toList();
    for (int i = 1; i < own.size(); i++) {
      List<Granted> between = all.subList(all.indexOf(own.get(i - 1)) + 1, all.indexOf(own.get(i)));
      List<Granted> after = all.subList(all.indexOf(own.get(i)) + 1, all.size());
      for (String other : TURNS) {
        if (!other.equals(key) && hasOne(after, other) && !hasOne(between, other)) {
          broken(
              Law.EVERY_KEY_GETS_ITS_TURN,
              "two jobs were given, and none of " + other + " in between",
              own.get(i - 1),
              own.get(i));
        }
      }
    }
  }

  private static boolean hasOne(List<Granted> grants, String key) {
    return Stream.of(grants).flatMap(List::stream).anyMatch(it -> key.equals(keyOf(it.key())));
  }
}
