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

  private ActionPage(List<OperatorAction> actions, @Nullable String next) {
    this.actions = List.copyOf(actions);
    this.next = next;
  }

  /**
   * Creates a page.
   *
   * @param actions the acts; copied
   * @param next the cursor of the next page, opaque to the caller; null after the last page
   * @return the page
   */
  public static ActionPage of(List<OperatorAction> actions, @Nullable String next) {
    return new ActionPage(actions, next);
  }

  /** {@return the acts of this page, newest first, unmodifiable} */
  public List<OperatorAction> actions() {
    return actions;
  }

  /** {@return the text to pass to the next call, opaque to the caller; null after the last page} */
  public @Nullable String next() {
    return next;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ActionPage that
        && actions.equals(that.actions)
        && Objects.equals(next, that.next);
  }

  @Override
  public int hashCode() {
    return Objects.hash(actions, next);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "ActionPage[actions=" + actions + ", next=" + next + "]";
  }
}
