package dev.lease.worker;

import dev.lease.Progress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which firing of a schedule was the last: kept as the progress of the schedule's job, since that
 * is what a holder can write, and what survives crashes and changes of the job [Q24, Q25].
 *
 * @param planned the instant for which it was planned
 * @param gone when its job was seen to be gone, for a schedule whose next firing depends on it
 */
record LastFiring(Instant planned, @Nullable Instant gone) {

  static @Nullable LastFiring read(@Nullable Progress progress) {
    if (progress == null) {
      return null;
    }
    String[] parts = progress.message().split(" ", -1);
    return new LastFiring(
        Instant.parse(parts[1]), parts.length < 4 ? null : Instant.parse(parts[3]));
  }

  Progress progress() {
    return Progress.of(0, "fired " + planned + (gone == null ? "" : " gone " + gone));
  }
}
