package dev.lease.console.live;

import dev.lease.worker.WorkerReport;
import java.time.Duration;

/**
 * A worker that the console has seen, and that says nothing more.
 *
 * @param last what it said last
 * @param age how long ago it said that
 * @param stopped whether it was stopped: its report was gone before it could have expired. If not,
 *     it died, or was stopped while nobody looked
 */
public record GoneWorker(WorkerReport last, Duration age, boolean stopped) {}
