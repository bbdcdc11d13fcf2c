package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.job;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.UnaryOperator;

/** Numbers and times that are stored in something too small or too coarse. */
final class BrokenNumbers {

  static final List<BrokenStore> ALL =
      List.of(
          job(
              "Q20",
              "the number of attempts is a short",
              (input, place, now) ->
                  new InMemoryJob(
                      input.toBuilder().maxCrashes(Math.max(1, (short) input.maxCrashes())).build(),
                      place,
                      now)),
          job(
              "Q20",
              "a job that may have attempts without end is given once",
              (input, place, now) ->
                  new InMemoryJob(
                      input.maxCrashes() == Integer.MAX_VALUE
                          ? input.toBuilder().maxCrashes(1).build()
                          : input,
                      place,
                      now)),
          leases("Q11", "leases last whole seconds", BrokenNumbers::wholeSeconds),
          leases("Q11", "the milliseconds of a claim are an int", BrokenNumbers::intMillis),
          job(
              "Q22",
              "the milliseconds of an extension are an int",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    Extension extend(Duration duration, Instant at) {
                      return super.extend(intMillis(duration), at);
                    }
                  }),
          job(
                  "Q34",
                  "the milliseconds of a retry's delay are an int",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void retry(Duration delay, String error, Instant at) {
                          super.retry(intMillis(delay), error, at);
                        }
                      })
              .alsoFails("Q14"),
          job(
                  "Q34",
                  "a release is delayed by whole seconds",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void release(Duration delay, Instant at) {
                          super.release(wholeSeconds(delay), at);
                        }
                      })
              .alsoFails("Q14"),
          job(
              "Q46",
              "the milliseconds of an age are an int, and all is old",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isFinishedSince(Duration age, Instant at) {
                      return super.isFinishedSince(intMillis(age), at);
                    }
                  }),
          due(
              "a due time is kept as the reading of a clock in Berlin",
              at ->
                  LocalDateTime.ofInstant(at, ZoneId.of("Europe/Berlin"))
                      .atZone(ZoneId.of("Europe/Berlin"))
                      .toInstant()),
          due(
              "a due time is kept as UTC, and read as the local time of who enqueued it",
              at ->
                  LocalDateTime.ofInstant(at, ZoneOffset.UTC)
                      .atZone(ZoneId.systemDefault())
                      .toLocalDateTime()
                      .toInstant(ZoneOffset.UTC)),
          due(
              "a due time is kept as a reading of the clock of who enqueued it",
              at -> LocalDateTime.ofInstant(at, ZoneId.systemDefault()).toInstant(ZoneOffset.UTC)));

  private BrokenNumbers() {}

  private static BrokenStore due(String how, UnaryOperator<Instant> change) {
    return job(
        "Q53",
        how,
        (input, place, now) ->
            new InMemoryJob(
                input.due() instanceof Due.At at
                    ? input.toBuilder().due(Due.at(change.apply(at.instant()))).build()
                    : input,
                place,
                now));
  }

  private static Duration wholeSeconds(Duration duration) {
    return Duration.ofSeconds(duration.toSeconds());
  }

  private static Duration intMillis(Duration duration) {
    int millis = (int) duration.toMillis();
    return Duration.ofMillis(millis);
  }

  private static BrokenStore leases(String clause, String how, UnaryOperator<Duration> change) {
    return job(
        clause,
        how,
        (input, place, now) ->
            new InMemoryJob(input, place, now) {
              @Override
              ClaimedJob claim(String worker, long newToken, Duration duration, Instant at) {
                return super.claim(worker, newToken, change.apply(duration), at);
              }
            });
  }
}
