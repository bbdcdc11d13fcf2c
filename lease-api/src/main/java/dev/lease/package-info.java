/**
 * The SPI of Lease: named leases, queues of jobs under leases, and the values that they exchange.
 *
 * <p>A store implements {@link dev.lease.LeaseStore}, {@link dev.lease.JobQueue} and, for
 * operators, {@link dev.lease.JobAdmin}. The numbers in square brackets (L01, Q17, ...) are clauses
 * of the contract. The conformance kit in {@code lease-testkit} tests them under the same numbers.
 *
 * <p>These rules hold for every call of every store:
 *
 * <ul>
 *   <li><b>The token is the credential.</b> Every write after a grant depends on the token of that
 *       grant. Owner names are for operators. The tokens of one name or one job only grow, for
 *       ever, wherever the clock is set to: {@code token = max(previous + 1, floor + 1, the store's
 *       clock in epoch microseconds)}, where the floor is the largest clock that the store has seen
 *       [L05, L25, Q36]. They are fencing tokens in the sense of M. Kleppmann, "How to do
 *       distributed locking" (2016), and the sequencers of M. Burrows, "The Chubby lock service"
 *       (2006).
 *   <li><b>The store's clock decides</b> every expiry and every due time. Callers pass durations.
 *       The instants that come back are for display; never compare them with a local clock. A
 *       holder measures its own deadline on a monotonic clock, from <em>before</em> it sent the
 *       request.
 *   <li><b>A lease has expired when now &ge; expiry</b>, to the unit of the store's clock, which is
 *       a microsecond or a millisecond.
 *   <li><b>Expected outcomes are values.</b> A {@link dev.lease.StoreException} means that the
 *       store could not answer. <em>Lost</em> means: you do not hold this, and nothing was changed.
 *   <li><b>Every call ends</b>, with an answer or an exception, within {@link
 *       dev.lease.Backend#longestCall}, whatever the server, the network or another's transaction
 *       does; an extension of job leases and a renewal also within a third of the lease that they
 *       ask for, or a second if that is more [L31].
 *   <li><b>Every mutation may arrive twice</b> and then has the effect of one. Acquire and claim
 *       are the exceptions: a caller must not repeat them.
 *   <li><b>At least once, never silently twice.</b> A lease cannot stop the outside world from
 *       seeing an effect twice. There are three ways out: commit the effect in one transaction with
 *       the settlement [Q31] or with the checkpoint of its step ({@link dev.lease.StepTransaction},
 *       Q26); send a key that is the same over all attempts; or use a fence, with which the
 *       resource refuses tokens smaller than one that it has seen [L05, Q17].
 *   <li><b>Bad input</b> causes an {@link java.lang.IllegalArgumentException} that names the value
 *       and the rule, before anything is stored. {@link dev.lease.Limits} has the rules.
 *   <li>After its backend is closed, every call throws {@link java.lang.IllegalStateException}. It
 *       should be a {@link dev.lease.StoreClosedException}, at which a worker stops [L26].
 *   <li>Stores are safe for use by many threads. Their values are immutable.
 * </ul>
 */
@NullMarked
package dev.lease;

import org.jspecify.annotations.NullMarked;
