package dev.lease.console.live;

import dev.lease.JobFilter;
import java.time.Instant;

/**
 * Jobs of one queue and type that failed with the same first line.
 *
 * @param queue the queue
 * @param type the type
 * @param line the first line of their errors
 * @param jobs how many there are among those that were read
 * @param last when the last one failed
 * @param filter finds them, and others of the queue and type whose error contains the line
 * @param redacted whether a redactor has changed the line, so that no filter finds them by it
 */
public record FailureGroup(
    String queue,
    String type,
    String line,
    long jobs,
    Instant last,
    JobFilter filter,
    boolean redacted) {}
