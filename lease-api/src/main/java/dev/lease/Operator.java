package dev.lease;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who acts on jobs, and why. Programs for operators pass it to {@link JobAdmin#by}, and a store
 * keeps it with each act [Q88]. It is a note and no credential: a store checks no rights by it.
 */
public final class Operator {

  private final String name;
  private final String reason;

  private Operator(String name, String reason) {
    this.name = name;
    this.reason = reason;
  }

  /**
   * Names an operator.
   *
   * @param name the name, by the rules of {@link Limits#name}
   * @param reason why the operator acts; may be empty. It is made storable like an error text, and
   *     cut at {@value Limits#MAX_MESSAGE_CHARS} characters
   * @return the operator
   * @throws IllegalArgumentException if the name breaks a rule, or the reason is null
   */
  public static Operator of(String name, String reason) {
    return new Operator(
        Limits.name("operator", name), Limits.message(Limits.notNull("reason", reason)));
  }

  /** {@return the name} */
  public String name() {
    return name;
  }

  /** {@return why the operator acts; empty if no reason was given} */
  public String reason() {
    return reason;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Operator that && name.equals(that.name) && reason.equals(that.reason);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, reason);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return reason.isEmpty() ? name : name + " (" + reason + ")";
  }
}
