package dev.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job as the store had it at one moment. All instants are of the store's clock, so that ages and
 * times left are differences to {@link #asOf}.
 *
 * @param queue the queue
 * @param id its identity within the queue
 * @param type what kind of work it is
 * @param payload the input of the work
 * @param priority 0 to 9
 * @param maxAttempts how often it may be claimed
 * @param dedupKey its dedup key, or null
 * @param headers what travels with it
 * @param keep how long it stays when finished, or null for the store's default while it is not
 * @param state what it is doing
 * @param attempts how often it was claimed, without the claims that were released
 * @param token the token of its last claim; before the first, a number that is smaller than every
 *     token to come, mostly 0. It stays when the hold ends, so that a worker that lost a reply can
 *     see whether a settlement was its own [W03]
 * @param lease the lease of its holder while it is PROCESSING, which may have expired; else null
 * @param cancelRequested true while its holder is still to learn that it should stop
 * @param progress how far it is, or null if its handler never said
 * @param result what came of it, or null
 * @param error the last error, or null
 * @param createdAt when it was enqueued
 * @param dueAt when it is or was due
 * @param finishedAt when it became terminal, or null
 * @param asOf the store's clock when it answered
 */
public record Job(
    String queue,
    String id,
    String type,
    String payload,
    int priority,
    int maxAttempts,
    @Nullable String dedupKey,
    Map<String, String> headers,
    @Nullable Duration keep,
    JobState state,
    int attempts,
    long token,
    @Nullable JobLease lease,
    boolean cancelRequested,
    @Nullable Progress progress,
    @Nullable String result,
    @Nullable String error,
    Instant createdAt,
    Instant dueAt,
    @Nullable Instant finishedAt,
    Instant asOf) {

  /** Makes the job; the parts come from a store, which has checked them. */
  public Job {
    headers = Map.copyOf(headers);
  }
}
