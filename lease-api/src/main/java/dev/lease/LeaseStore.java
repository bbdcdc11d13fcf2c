package dev.lease;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
   * Sets the expiry of a lease that the caller holds to the store's now + leaseDuration. That may
   * be earlier than before [L08, L09]. Token and owner stay the same.
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
   * Reads the leases that are held now. Changes nothing [L21]. The answer contains every lease that
   * is held during the whole call, up to the limit.
   *
   * @param limit the most leases to return, 1 to 1000
   * @return the live leases, in the order of the UTF-8 bytes of their names
   * @throws StoreException if the store could not answer
   */
  List<Lease> list(int limit);
}
