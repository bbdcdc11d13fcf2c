package dev.lease.testkit;

import dev.lease.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The calls of holders of leases. All durations are whole days, as in {@link JobCalls}. */
final class LeaseCalls {

  private static final long FAR = 1L << 40;

  private LeaseCalls() {}

  /** Leases that nobody was given. */
  enum Forgery {
    NONE,
    LARGER_TOKEN,
    ZERO_TOKEN,
    NEGATIVE_TOKEN,
    OTHER_OWNER,
    OTHER_NAME;

    Lease of(Lease lease) {
      return switch (this) {
        case NONE -> lease;
        case LARGER_TOKEN -> with(lease, lease.name(), lease.owner(), lease.token() + FAR);
        case ZERO_TOKEN -> with(lease, lease.name(), lease.owner(), 0);
        case NEGATIVE_TOKEN -> with(lease, lease.name(), lease.owner(), -lease.token());
        case OTHER_OWNER -> with(lease, lease.name(), "somebody else", lease.token());
        case OTHER_NAME -> with(lease, "unknown", lease.owner(), lease.token());
      };
    }

    private static Lease with(Lease lease, String name, String owner, long token) {
      return new Lease(name, owner, token, lease.expiresAt(), lease.asOf());
    }

    /** The source text of the lease that is made of a variable. */
    String code(String lease) {
      String name = this == OTHER_NAME ? "\"unknown\"" : lease + ".name()";
      String owner = this == OTHER_OWNER ? "\"somebody else\"" : lease + ".owner()";
      String token =
          switch (this) {
            case LARGER_TOKEN -> lease + ".token() + " + FAR + "L";
            case ZERO_TOKEN -> "0";
            case NEGATIVE_TOKEN -> "-" + lease + ".token()";
            case NONE, OTHER_OWNER, OTHER_NAME -> lease + ".token()";
          };
      return this == NONE
          ? lease
          : "new Lease(%s, %s, %s, %s.expiresAt(), %s.asOf())"
              .formatted(name, owner, token, lease, lease);
    }
  }

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

  record Renew(int step, Forgery forgery, int days) implements ModelCall<LeaseSubject> {
    @Override
    public void run(LeaseSubject subject, Observation seen) {
      subject
          .lease(step, forgery)
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
      return Stream.of(new Renew(step, Forgery.NONE, days), new Renew(step, forgery, 1))
          .filter(simple -> !simple.equals(this))
          .toList();
    }
  }

  record Release(int step, Forgery forgery) implements ModelCall<LeaseSubject> {
    @Override
    public void run(LeaseSubject subject, Observation seen) {
      subject
          .lease(step, forgery)
          .ifPresent(
              lease -> {
                boolean answer = subject.store().release(lease);
                seen.add(subject.answer(), "%1$s", answer);
              });
    }

    @Override
    public List<Release> simpler() {
      return forgery == Forgery.NONE ? List.of() : List.of(new Release(step, Forgery.NONE));
    }
  }
}
