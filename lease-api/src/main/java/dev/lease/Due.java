package dev.lease;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** When a job may first be claimed, by the store's clock: after a delay, or at an instant. */
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
   * At an instant; one in the past is claimable now, and goes before what was due later [Q10].
   *
   * @param instant the instant by the store's clock, 1970 to 2200
   * @return the due time
   */
  static Due at(Instant instant) {
    return new At(instant);
  }

  /**
   * A delay from the store's now.
   *
   * @param delay 0 to 3650 days
   */
  record After(Duration delay) implements Due {
    /** Checks the range. */
    public After {
      Limits.delay("delay", delay);
    }
  }

  /**
   * An instant by the store's clock.
   *
   * @param instant 1970 to 2200; rounded up to milliseconds, which every store can keep, so that no
   *     store lets the job start early [Q14]
   */
  record At(Instant instant) implements Due {
    /** Checks the range and rounds up to milliseconds. */
    public At {
      Instant millis = Limits.due(instant).truncatedTo(ChronoUnit.MILLIS);
      instant = millis.equals(instant) ? millis : millis.plusMillis(1);
    }
  }
}
