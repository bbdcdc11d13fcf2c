package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list of acts.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class ActionPage {

  private final List<OperatorAction> actions;
  private final @Nullable String next;
  private final List<String> missing;

  private ActionPage(List<OperatorAction> actions, @Nullable String next, List<String> missing) {
    this.actions = List.copyOf(actions);
    this.next = next;
    this.missing = Limits.batch("missing", missing);
  }

  /**
   * Creates a page to which every part of the store contributed.
   *
   * @param actions the acts; copied
   * @param next the cursor of the next page, opaque to the caller; null after the last page
   * @return the page
   */
  public static ActionPage of(List<OperatorAction> actions, @Nullable String next) {
    return new ActionPage(actions, next, List.of());
  }

  /**
   * The same page, without the parts of the store that did not answer.
   *
   * @param missing the names of these parts; copied
   * @return a new page
   */
  public ActionPage withMissing(List<String> missing) {
    return new ActionPage(actions, next, missing);
  }

  /** {@return the acts of this page, newest first, unmodifiable} */
  public List<OperatorAction> actions() {
    return actions;
  }

  /**
   * The cursor of the next page, opaque to the caller. A page may have fewer acts than were asked
   * for, or none, and still have a next one. The cursor stays good for as long as the caller likes
   * [Q90].
   *
   * @return the text to pass to the next call; null after the last page
   */
  public @Nullable String next() {
    return next;
  }

  /**
   * The parts of the store that did not answer, so that their acts are not on the page [Q86].
   *
   * @return their names, unmodifiable; empty if all answered, and where a store has one part
   */
  public List<String> missing() {
    return missing;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ActionPage that
        && actions.equals(that.actions)
        && Objects.equals(next, that.next)
        && missing.equals(that.missing);
  }

  @Override
  public int hashCode() {
    return Objects.hash(actions, next, missing);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "ActionPage[actions=" + actions + ", next=" + next + ", missing=" + missing + "]";
  }
}
