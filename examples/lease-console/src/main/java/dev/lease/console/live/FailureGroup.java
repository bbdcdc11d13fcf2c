package dev.lease.console.live;

import dev.lease.JobFilter;
import java.time.Instant;

/**
 * Jobs of one queue and type that failed with the same first line.
 *
 * @param queue the queue
 * @param type the type
 * @param line the first line of their errors, redacted
 * @param jobs how many there are among those that were read
 * @param last when the last one failed
 * @param filter finds them, and others of the queue and type whose error contains the line; what a
 *     redactor has changed, no store finds by it
 */
public record FailureGroup(
    String queue, String type, String line, long jobs, Instant last, JobFilter filter) {}
