package dev.lease;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Named leases: at most one live grant per name, with fencing tokens that only grow.
 *
 * <p>Each call is one atomic operation of the store. Names never meet: they differ in case,
 * accents, normal form, trailing blanks and every other code point [L16]. The rules that hold for
 * all calls stand in the {@linkplain dev.lease package}.
 *
 * <p>With the thread interrupted, a call either completes or throws with the flag still set [L24].
 * A lease cannot stop its old holder from acting: give the {@linkplain Lease#token() token} to the
 * resource that it protects.
 */
public interface LeaseStore {

  /**
   * Takes the lease if nobody holds it, the caller included: leases are not re-entrant [L01-L04].
   * Never waits. Must not be repeated after an unknown outcome, since it cannot be told from a new
   * request; the lost grant ends with its lease duration.
   *
   * @param name the name of what is leased
   * @param owner the caller, for operators
   * @param leaseDuration how long the lease lasts from the store's now, 1 ms to 365 days [L18]
   * @return the lease, with a token larger than all before it [L05, L06]; empty if it is held
   * @throws StoreException if the store could not answer; the lease may then be taken if the
   *     outcome is unknown
   */
  Optional<Lease> acquire(String name, String owner, Duration leaseDuration);

  /**
   * Sets the end of a lease that the caller holds to the store's now + leaseDuration, which may be
   * earlier than before [L08, L09]. Token and owner stay.
   *
   * @param lease the lease as it was granted or last renewed; name, owner and token are compared
   * @param leaseDuration how long the lease lasts from the store's now, 1 ms to 365 days
   * @return the renewed lease; empty if it is lost: released, taken by another, or expired even if
   *     nobody took it [L07, L10-L12]
   * @throws StoreException if the store could not answer; repeating the call is safe [L23]
   */
  Optional<Lease> renew(Lease lease, Duration leaseDuration);

  /**
   * Gives a lease back; the name is free at once [L13].
   *
   * @param lease the lease; name, owner and token are compared
   * @return true if it was held and is now free; false if it was lost before [L11, L12, L14, L15]
   * @throws StoreException if the store could not answer; repeating the call is safe, and says
   *     false where the first had been done [L23]
   */
  boolean release(Lease lease);

  /**
   * Reads the lease of a name, and changes nothing [L21].
   *
   * @param name the name
   * @return the live lease; empty if there is none or if it has expired
   * @throws StoreException if the store could not answer
   */
  Optional<Lease> find(String name);

  /**
   * Reads the leases that are held now, and changes nothing [L21]. One that is held during the
   * whole call is there, up to the limit.
   *
   * @param limit the most leases to return, 1 to 1000
   * @return the live leases, in order of their names' UTF-8 bytes
   * @throws StoreException if the store could not answer
   */
  List<Lease> list(int limit);
}
