package dev.lease.console.pages;

import dev.lease.worker.Schedules;
import java.util.List;

/**
 * The schedules that were found.
 *
 * @param schedules the schedules
 * @param more whether there are jobs that were not looked at
 */
public record Listing(List<Schedules.Listed> schedules, boolean more) {}
