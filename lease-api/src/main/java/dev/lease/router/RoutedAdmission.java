package dev.lease.router;

import dev.lease.Admission;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The limits of keys, each in the store of its queue. */
final class RoutedAdmission implements Admission {

  private final Parts<Admission> admissions;

  RoutedAdmission(Parts<Admission> admissions) {
    this.admissions = admissions;
  }

  @Override
  public void limit(String queue, @Nullable String key, @Nullable KeyLimit limit) {
    admissions.run(queue, each -> each.limit(queue, key, limit));
  }

  @Override
  public void limitQueue(String queue, @Nullable Integer slots) {
    admissions.run(queue, each -> each.limitQueue(queue, slots));
  }

  @Override
  public void closeKey(String queue, String key, Duration delay) {
    admissions.run(queue, each -> each.closeKey(queue, key, delay));
  }

  @Override
  public int apply(String queue, int limit) {
    return admissions.at(queue, each -> each.apply(queue, limit));
  }

  @Override
  public KeyPage keys(String queue, @Nullable String after, int limit) {
    return admissions.at(queue, each -> each.keys(queue, after, limit));
  }
}
