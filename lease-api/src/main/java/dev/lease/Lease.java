package dev.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A named lease as the store granted or read it. Stores make it. Immutable. */
public final class Lease {

  private final String name;
  private final String owner;
  private final long token;
  private final Instant expiresAt;
  private final Instant asOf;
  private final @Nullable String note;

  private Lease(
      String name,
      String owner,
      long token,
      Instant expiresAt,
      Instant asOf,
      @Nullable String note) {
    this.name = Limits.name("lease name", name);
    this.owner = Limits.name("owner", owner);
    this.token = token;
    this.expiresAt = Limits.notNull("expiresAt", expiresAt);
    this.asOf = Limits.notNull("asOf", asOf);
    this.note = note;
  }

  /**
   * Makes a lease without a note. Accepts any token, since the store judges it.
   *
   * @param name the name of what is leased
   * @param owner who holds it
   * @param token the fencing token
   * @param expiresAt when the lease expires; never later than the stored expiry [L20]
   * @param asOf the store's clock when it answered
   * @return the lease
   * @throws IllegalArgumentException if a name breaks a rule of {@link Limits}, or a part is null
   */
  public static Lease of(String name, String owner, long token, Instant expiresAt, Instant asOf) {
    return new Lease(name, owner, token, expiresAt, asOf, null);
  }

  /**
   * The same lease with another note.
   *
   * @param note the note; null for none
   * @return the lease with it
   * @throws IllegalArgumentException if the note breaks the rule of {@link Limits#note}
   */
  public Lease withNote(@Nullable String note) {
    return new Lease(name, owner, token, expiresAt, asOf, note == null ? null : Limits.note(note));
  }

  /**
   * The same grant, with its note, until another time.
   *
   * @param expiresAt when it expires, by the store's clock
   * @param asOf the store's clock when it answers
   * @return a new lease
   */
  public Lease until(Instant expiresAt, Instant asOf) {
    return new Lease(name, owner, token, expiresAt, asOf, note);
  }

  /** {@return the name of what is leased} */
  public String name() {
    return name;
  }

  /** {@return who holds it, for operators} Two holders may use the same owner name. */
  public String owner() {
    return owner;
  }

  /**
   * {@return the fencing token of this grant, larger than that of every earlier grant of the name
   * [L05]} Pass it to the resource that the lease protects, and let the resource refuse smaller
   * ones.
   */
  public long token() {
    return token;
  }

  /**
   * {@return when the lease expires by the store's clock} Never later than the stored expiry [L20].
   */
  public Instant expiresAt() {
    return expiresAt;
  }

  /** {@return the store's clock when it answered} */
  public Instant asOf() {
    return asOf;
  }

  /**
   * {@return what the holder has noted beside the lease [L32]; null if nothing} It is for
   * operators: no call compares it.
   */
  public @Nullable String note() {
    return note;
  }

  /**
   * The time that the lease had left when the store answered. A holder adds it to the monotonic
   * time that it read before it sent the request.
   *
   * @return the time left, more than zero for a lease that a store returned
   */
  public Duration remaining() {
    return Duration.between(asOf, expiresAt);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Lease lease
        && token == lease.token
        && name.equals(lease.name)
        && owner.equals(lease.owner)
        && expiresAt.equals(lease.expiresAt)
        && asOf.equals(lease.asOf)
        && Objects.equals(note, lease.note);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, owner, token, expiresAt, asOf, note);
  }

  /** All parts, for log messages. */
  @Override
  public String toString() {
    return "Lease[name="
        + name
        + ", owner="
        + owner
        + ", token="
        + token
        + ", expiresAt="
        + expiresAt
        + ", asOf="
        + asOf
        + (note == null ? "" : ", note=" + note)
        + "]";
  }
}
