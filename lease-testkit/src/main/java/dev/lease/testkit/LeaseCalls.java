package dev.lease.testkit;

import dev.lease.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The calls for named leases in a random sequence. All durations are whole days, as in {@link
 * JobCalls}.
 */
final class LeaseCalls {

  private LeaseCalls() {}

  record Acquire(String name, String owner, int days) implements ModelCall<LeaseSubject> {
    @Override
    public void run(LeaseSubject subject, Observation seen) {
      Optional<Lease> answer =
          subject.store().acquire(subject.name(name), owner, Duration.ofDays(days));
      seen.add(subject.answer(), "%1$s.isPresent()", answer.isPresent());
      answer.ifPresent(
          lease -> {
            subject.granted(name, lease, seen);
            subject.lookAt(name, subject.answer() + ".orElseThrow()", lease, seen);
          });
    }

    @Override
    public List<Acquire> simpler() {
      return Stream.of(
              new Acquire(LeaseSubject.NAMES.get(0), owner, days),
              new Acquire(name, "one", days),
              new Acquire(name, owner, 1))
          .filter(simple -> !simple.equals(this))
          .toList();
    }
  }

  record Renew(int acquire, LeaseForgery forgery, int days) implements ModelCall<LeaseSubject> {
    @Override
    public void run(LeaseSubject subject, Observation seen) {
      subject
          .lease(acquire, forgery)
          .ifPresent(
              lease -> {
                Optional<Lease> answer = subject.store().renew(lease, Duration.ofDays(days));
                String code = subject.answer();
                seen.add(code, "%1$s.isPresent()", answer.isPresent());
                answer.ifPresent(
                    it -> seen.add(code, "%1$s.orElseThrow().remaining()", it.remaining()));
              });
    }

    @Override
    public List<Renew> simpler() {
      return Stream.of(new Renew(acquire, LeaseForgery.NONE, days), new Renew(acquire, forgery, 1))
          .filter(simple -> !simple.equals(this))
          .toList();
    }
  }

  record Release(int acquire, LeaseForgery forgery) implements ModelCall<LeaseSubject> {
    @Override
    public void run(LeaseSubject subject, Observation seen) {
      subject
          .lease(acquire, forgery)
          .ifPresent(
              lease -> {
                boolean answer = subject.store().release(lease);
                seen.add(subject.answer(), "%1$s", answer);
              });
    }

    @Override
    public List<Release> simpler() {
      return forgery == LeaseForgery.NONE
          ? List.of()
          : List.of(new Release(acquire, LeaseForgery.NONE));
    }
  }
}
