package dev.lease;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A time by the store's clock: a delay from its now, or an instant. It says when a job can first be
 * claimed, or after when no attempt begins. More kinds may come: a store refuses one that it does
 * not know with an {@link IllegalArgumentException}.
 */
public sealed interface Due {

  /**
   * At once.
   *
   * @return the store's now
   */
  static Due now() {
    return new After(Duration.ZERO);
  }

  /**
   * After a delay.
   *
   * @param delay the delay from the store's now, 0 to 3650 days
   * @return the due time
   */
  static Due after(Duration delay) {
    return new After(delay);
  }

  /**
   * At an instant. A job that is due in the past can be claimed now, before jobs that were due
   * later [Q10].
   *
   * @param instant the instant by the store's clock, 1970 to 2200
   * @return the due time
   */
  static Due at(Instant instant) {
    return new At(instant);
  }

  /**
   * The instant that is meant. Rounded up, so that no job is due earlier than requested [Q14].
   *
   * @param now the store's now
   * @return the instant, in whole microseconds
   */
  default Instant from(Instant now) {
    return this instanceof At at
        ? at.instant()
        : now.plus(((After) this).delay()).plusNanos(999).truncatedTo(ChronoUnit.MICROS);
  }

  /**
   * A delay from the store's now.
   *
   * @param delay 0 to 3650 days
   */
  record After(Duration delay) implements Due {
    /**
     * Checks the range.
     *
     * @param delay 0 to 3650 days
     */
    public After {
      Limits.delay("delay", delay);
    }
  }

  /**
   * An instant by the store's clock.
   *
   * @param instant 1970 to 2200; rounded up to milliseconds, which every store can keep, so that
   *     the job starts early in no store [Q14]
   */
  record At(Instant instant) implements Due {
    /**
     * Checks the range and rounds up to milliseconds.
     *
     * @param instant 1970 to 2200
     */
    public At {
      Instant millis = Limits.due(instant).truncatedTo(ChronoUnit.MILLIS);
      instant = millis.equals(instant) ? millis : millis.plusMillis(1);
    }
  }
}
