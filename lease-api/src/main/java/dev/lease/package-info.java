/**
 * The SPI of Lease: named leases, job queues under leases, and the values that they exchange.
 *
 * <p>A store implements {@link dev.lease.LeaseStore}, {@link dev.lease.JobQueue} and, for
 * operators, {@link dev.lease.JobAdmin}. The numbers in square brackets (L01, Q17, ...) are the
 * clauses of the contract, which the conformance kit in {@code lease-testkit} tests under the same
 * numbers.
 *
 * <p>What holds for every call of every store:
 *
 * <ul>
 *   <li><b>The token is the credential.</b> Every write after a grant is conditional on the token
 *       of that grant; owner names are for operators. Tokens of one name or one job only grow, for
 *       ever: {@code token = max(previous + 1, the store's clock in epoch microseconds)}. They are
 *       fencing tokens in the sense of M. Kleppmann, "How to do distributed locking" (2016), and
 *       the sequencers of M. Burrows, "The Chubby lock service" (2006).
 *   <li><b>The store's clock decides</b> every expiry and due time. Durations go in; the instants
 *       that come out are for display, and are never compared with a local clock. A holder counts
 *       its own deadline on a monotonic clock from <em>before</em> it sent the request.
 *   <li><b>Expired means now &ge; expiry</b>, to the unit of the store, which is a microsecond or a
 *       millisecond.
 *   <li><b>Expected outcomes are values.</b> {@link dev.lease.StoreException} says that the store
 *       could not answer. <em>Lost</em> means: you do not hold this, and nothing was changed.
 *   <li><b>Every mutation may arrive twice</b> and has then the effect of once; acquire and claim
 *       are the exception, and are not to be repeated by a caller.
 *   <li><b>At least once, never silently twice.</b> A lease cannot stop the outside world from
 *       seeing an effect twice. The ways out: the effect in one transaction with the settlement
 *       [Q31] or with the checkpoint of its step ({@link dev.lease.StepTransaction}, Q26); a key
 *       that is the same over all attempts; a fence, with which the resource refuses tokens smaller
 *       than one that it has seen [L05, Q17].
 *   <li><b>Bad input</b> is an {@link java.lang.IllegalArgumentException} that names the value and
 *       the rule, before anything is stored; the rules are those of {@link dev.lease.Limits}.
 *   <li>After its backend is closed, every call throws {@link java.lang.IllegalStateException}.
 *   <li>Stores are safe for use by many threads. Their values are immutable.
 * </ul>
 */
@NullMarked
package dev.lease;

import org.jspecify.annotations.NullMarked;
