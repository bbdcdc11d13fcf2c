package dev.lease;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Named leases: at most one live grant per name, with fencing tokens that only grow.
 *
 * <p>Each call is one atomic operation of the store. Two names are the same only if every code
 * point is: case, accents, normal form and trailing blanks count [L16]. Two calls at once on one
 * name answer, and leave it, as if one had come after the other [L30]. The {@linkplain dev.lease
 * package} has the rules that hold for all calls.
 *
 * <p>Each call returns or throws within {@link Backend#longestCall}, and a renewal within a third
 * of the lease too, or a second if that is more [L31].
 *
 * <p>If the thread is interrupted, a call either completes or throws, and the flag stays set [L24].
 * After the store is closed a call throws {@link IllegalStateException}, which should be a {@link
 * StoreClosedException} [L26].
 *
 * <p>Stores implement this interface; whoever takes leases calls it. It grows only by methods with
 * a default.
 *
 * <p>A lease cannot stop its old holder from acting. Pass the {@linkplain Lease#token() token} to
 * the resource that the lease protects.
 */
public interface LeaseStore {

  /**
   * Takes the lease if nobody holds it. The caller counts too: leases are not re-entrant [L01-L04].
   * The call never waits. Do not repeat it after an unknown outcome, since the store cannot tell it
   * from a new request; a grant whose answer got lost expires after its lease duration.
   *
   * @param name the name of what is leased
   * @param owner the caller, for operators
   * @param leaseDuration how long the lease lasts from the store's now, 1 ms to 365 days [L18]
   * @return the lease, with a token larger than all earlier ones [L05, L06]; empty if somebody
   *     holds it
   * @throws StoreException if the store could not answer; if the outcome is unknown, the lease may
   *     have been granted
   */
  Optional<Lease> acquire(String name, String owner, Duration leaseDuration);

  /**
   * Does what {@link #acquire(String, String, Duration)} does, and notes something beside the lease
   * in the same atomic step [L32]. A grant without a note has none, whatever an earlier one had.
   *
   * @param name the name of what is leased
   * @param owner the caller, for operators
   * @param leaseDuration how long the lease lasts from the store's now, 1 ms to 365 days
   * @param note what whoever reads the lease shall see, at most {@link Limits#MAX_NOTE_BYTES} bytes
   *     of UTF-8
   * @return the lease with the note; empty if somebody holds it
   * @throws StoreException if the store could not answer; if the outcome is unknown, the lease may
   *     have been granted
   * @throws UnsupportedOperationException if the store comes without {@link Capability#NOTES}
   */
  default Optional<Lease> acquire(String name, String owner, Duration leaseDuration, String note) {
    throw Capability.NOTES.missing("notes of leases");
  }

  /**
   * Sets the expiry of a lease that the caller holds to the store's now + leaseDuration. That may
   * be earlier than before [L08, L09]. Token, owner and note stay the same.
   *
   * @param lease the lease as it was granted or last renewed; the store compares name, owner and
   *     token
   * @param leaseDuration how long the lease lasts from the store's now, 1 ms to 365 days
   * @return the renewed lease; empty if it is lost: released, taken by somebody else, or expired,
   *     even if nobody took it [L07, L10-L12]
   * @throws StoreException if the store could not answer; repeating the call is safe [L23]
   */
  Optional<Lease> renew(Lease lease, Duration leaseDuration);

  /**
   * Does what {@link #renew(Lease, Duration)} does, and replaces the note in the same atomic step.
   * A renewal without a note keeps the one that the store has [L32].
   *
   * @param lease the lease as it was granted or last renewed; the store does not compare its note
   * @param leaseDuration how long the lease lasts from the store's now, 1 ms to 365 days
   * @param note the new note, at most {@link Limits#MAX_NOTE_BYTES} bytes of UTF-8
   * @return the renewed lease with the note; empty if it is lost, and then nothing changes
   * @throws StoreException if the store could not answer; repeating the call is safe [L23]
   * @throws UnsupportedOperationException if the store comes without {@link Capability#NOTES}
   */
  default Optional<Lease> renew(Lease lease, Duration leaseDuration, String note) {
    throw Capability.NOTES.missing("notes of leases");
  }

  /**
   * Gives a lease back. The name is free at once [L13].
   *
   * @param lease the lease; the store compares name, owner and token
   * @return true if the caller held it and it is free now; false if it was lost already [L11, L12,
   *     L14, L15]
   * @throws StoreException if the store could not answer; repeating the call is safe, and returns
   *     false if the first call released the lease [L23]
   */
  boolean release(Lease lease);

  /**
   * Reads the lease of a name. Changes nothing [L21].
   *
   * @param name the name
   * @return the live lease; empty if there is none or it has expired
   * @throws StoreException if the store could not answer
   */
  Optional<Lease> find(String name);

  /**
   * Reads a page of the leases that are held now. Changes nothing [L21]. To read on, pass {@link
   * LeasePage#next} as {@code after} of the next call. Every lease that is held during the whole
   * listing is on exactly one page [L33].
   *
   * @param prefix how the names begin, at most {@link Limits#MAX_NAME_BYTES} bytes of UTF-8; no
   *     character has a meaning of its own; empty for all names
   * @param after the name after which the page begins, whether or not it is there; null for the
   *     first page
   * @param limit the most leases to return, 1 to 1000
   * @return the live leases with their notes, in the order of the UTF-8 bytes of their names
   * @throws StoreException if the store could not answer
   * @see NameRange
   */
  LeasePage list(String prefix, @Nullable String after, int limit);
}
