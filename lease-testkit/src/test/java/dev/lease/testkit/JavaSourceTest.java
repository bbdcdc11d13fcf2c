package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Admission;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.FailedAttempt;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobCount;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.OperatorAction.Kind;
import dev.lease.Progress;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StepValue;
import dev.lease.StoreCounts;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaSourceTest {

  private static final Instant INSTANT = Instant.parse("2026-03-01T10:15:30.123456Z");
  private static final JobLease LEASE =
      JobLease.of("queue", "id", "worker", 7_000_000_000L, INSTANT);
  private static final List<String> MISSING = List.of("south");
  private static final NewJob JOB = NewJob.builder("queue", "id", "type", "").build();

  private static List<Object> values() {
    var job =
        Job.builder("queue", "id", "type", "{}")
            .headers(Map.of("a", "b"))
            .key("shop")
            .heldBack(true)
            .state(JobState.PROCESSING)
            .attempts(1)
            .token(9)
            .lease(LEASE)
            .progress(Progress.of(3, "so far"))
            .error("why")
            .createdAt(INSTANT)
            .dueAt(INSTANT)
            .asOf(INSTANT)
            .build();
    var claimed =
        ClaimedJob.builder(LEASE, "type", "")
            .attempt(2)
            .failures(1)
            .maxFailures(5)
            .dueAt(INSTANT)
            .claimedAt(INSTANT)
            .notAfter(INSTANT)
            .build();
    var ended =
        FinishedJob.builder("queue", "id", "type", JobState.FAILED)
            .attempts(3)
            .failures(1)
            .error("why")
            .build();
    List<Object> values =
        new ArrayList<>(
            Arrays.asList(
                true,
                1,
                -1L,
                Long.MAX_VALUE,
                JobState.RETRY,
                JobAdmin.Requeue.CONFLICT,
                Extension.Held.class,
                "",
                "a \"quoted\" \\ text\r\n\t\0" + "0 */ ä 😀 \uD800 \u0085 \u2028",
                "x".repeat(1_000_000),
                "abc".repeat(30) + "ab",
                IntStream.range(0, 50_000)
                    .mapToObj(Integer::toString)
                    .collect(Collectors.joining()),
                INSTANT,
                Instant.EPOCH,
                Optional.empty(),
                Optional.of("text"),
                List.of(),
                List.of(1, 2),
                Arrays.asList("a", null),
                Set.of("one"),
                Map.of(),
                Map.of("key", 1L),
                IntStream.range(0, 12).boxed().collect(Collectors.toMap(i -> i, i -> "" + i)),
                JOB,
                NewJob.builder("queue", "id", "type", "payload")
                    .priority(9)
                    .due(Due.at(INSTANT))
                    .notAfter(Due.at(INSTANT))
                    .maxCrashes(1)
                    .maxFailures(2)
                    .dedupKey("key")
                    .dedupFor(Duration.ofDays(3))
                    .key("shop")
                    .headers(Map.of("a", "b"))
                    .keep(Duration.ofDays(2))
                    .build(),
                Due.now(),
                Due.after(Duration.ofMinutes(2)),
                Due.at(INSTANT),
                LEASE,
                LEASE.withPlace("north"),
                Settlement.done(LEASE),
                Settlement.retry(LEASE, Duration.ofSeconds(90), "error"),
                Settlement.failed(LEASE, "error"),
                Settlement.cancelled(LEASE, "reason"),
                Settlement.released(LEASE, Duration.ZERO),
                Settlement.Result.LOST,
                Extension.held(INSTANT, true),
                Extension.busy(),
                Enqueued.of("id", true),
                Progress.of(50, "half"),
                claimed,
                ClaimRequest.of("queue", "worker", 3, Duration.ofDays(1)),
                ClaimRequest.of("queue", "worker", 3, Duration.ofDays(1)).withMaxBytes(7),
                Claim.of(List.of(claimed), List.of(ended), true),
                SettledAndClaimed.of(List.of(Settlement.Result.ACCEPTED), Claim.empty()),
                Reset.of(2, List.of(ended)),
                FailedAttempt.builder(2, "worker", 7, INSTANT)
                    .claimedAt(INSTANT.minusSeconds(1))
                    .error("why")
                    .build(),
                ActionPage.of(
                    List.of(
                        OperatorAction.builder(
                                INSTANT, Operator.of("anna", "why"), Kind.CANCEL, "queue")
                            .id("id")
                            .changed(3)
                            .what("all jobs")
                            .build()),
                    "next"),
                Operator.of("anna", "why"),
                ActionQuery.all().withUnknownCondition(),
                ActionQuery.inQueue("queue").after("next").limit(3),
                ActionQuery.ofJob("queue", "id"),
                Requeueing.now(),
                Requeueing.spreadOver(Duration.ofHours(1)),
                JobChange.runNow(),
                JobChange.builder().priority(3).crashesLeft(1).payload("{}").build(),
                JobPiece.of(3, null),
                JobPiece.of(3, null).withMissing(MISSING),
                job,
                Job.builder("queue", "id", "type", "{}")
                    .graph("graph", "part")
                    .waitsForParts(true)
                    .createdAt(INSTANT)
                    .dueAt(INSTANT)
                    .asOf(INSTANT)
                    .build(),
                JobPage.of(List.of(job), "next", 3),
                JobPage.of(List.of(job), "next", 3).withMissing(MISSING),
                JobCount.of(3),
                JobCount.of(3).withMissing(MISSING),
                StepValue.of("step", "value", INSTANT),
                StoreCounts.of(List.of(QueueCounts.builder("queue", INSTANT).build())),
                StoreCounts.of(List.of()).withMissing(MISSING),
                JobQuery.of(JobFilter.all().withUnknownCondition()),
                JobQuery.of(JobFilter.all())
                    .order(JobOrder.NEWEST_FIRST)
                    .after("next")
                    .limit(3)
                    .brief()
                    .examineAtMost(7),
                QueueCounts.builder("queue", INSTANT)
                    .jobs(Map.of(JobState.DONE, 2L))
                    .waitingForParts(1)
                    .build(),
                Lease.of("name", "owner", 5, INSTANT, INSTANT),
                Lease.of("name", "owner", 5, INSTANT, INSTANT).withNote("note"),
                KeyLimit.of(0),
                KeyLimit.of(1).inOrder(),
                KeyLimit.of(7).withRate(100, Duration.ofMinutes(1), 20),
                KeyState.builder("key").build(),
                KeyState.builder("key")
                    .limit(KeyLimit.of(2))
                    .admitted(2)
                    .held(1)
                    .heldBack(3)
                    .nextStart(INSTANT)
                    .build(),
                KeyPage.of(List.of(KeyState.builder("key").build()), "key"),
                KeyPage.of(List.of(), null).withLimits(KeyLimit.of(2), null),
                KeyPage.of(List.of(), null).withLimits(null, 4),
                JobFilter.all(),
                JobFilter.all()
                    .inQueue("queue")
                    .inState(JobState.DONE, JobState.FAILED)
                    .ofType("type")
                    .withKey("shop")
                    .withIdPrefix("i")
                    .withErrorText("why")
                    .createdBetween(INSTANT, null)
                    .finishedBetween(null, INSTANT)));
    for (String duration :
        List.of(
            "PT0S",
            "P2D",
            "P-2D",
            "PT36H",
            "PT90S",
            "PT0.001S",
            "PT0.000001S",
            "PT-0.000001S",
            "P1DT0.000001S",
            "P-1DT-0.000001S",
            "P3650000D")) {
      values.add(Duration.parse(duration));
    }
    return values;
  }

  @Test
  void theTextOfAValueCompilesAndIsThatValue(@TempDir Path folder) throws Exception {
    List<Object> values = values();
    String source =
        """
        import dev.lease.*;
        import java.time.*;
        import java.util.*;
        public final class Values implements java.util.function.Supplier<List<Object>> {
          @Override public List<Object> get() {
            List<Object> values = new ArrayList<>();
            %s
            return values;
          }
        }
        """
            .formatted(
                values.stream()
                    .map(value -> "values.add(" + JavaSource.of(value) + ");")
                    .collect(Collectors.joining("\n    ")));

    Object compiled = Compiled.in(folder, "Values", source).getConstructor().newInstance();

    List<?> copies = (List<?>) ((Supplier<?>) compiled).get();
    for (int i = 0; i < values.size(); i++) {
      assertThat(copies.get(i)).as("value %s", i).isEqualTo(values.get(i));
    }
  }

  /** A type that has no text would be written as null in a test to paste. */
  @Test
  void eachTypeThatACallTakesHasAText() {
    List<Class<?>> taken =
        Stream.of(LeaseStore.class, JobQueue.class, JobAdmin.class, Admission.class)
            .flatMap(store -> Stream.of(store.getMethods()))
            .flatMap(method -> Stream.of(method.getParameterTypes()))
            .filter(type -> type.getPackage() == JobAdmin.class.getPackage())
            .distinct()
            .collect(Collectors.toList());

    assertThat(taken).contains(ClaimRequest.class, ActionQuery.class, KeyLimit.class);
    assertThat(taken).allSatisfy(type -> assertThat(values()).hasAtLeastOneElementOfType(type));
  }

  @Test
  void aJobIsWrittenWithWhatDiffersFromTheDefaults() {
    assertThat(JavaSource.of(NewJob.builder("queue", "id", "type", "payload").priority(9).build()))
        .isEqualTo("NewJob.builder(\"queue\", \"id\", \"type\", \"payload\").priority(9).build()");
  }

  @Test
  void durationsAndLongTextsAreShort() {
    assertThat(JavaSource.of(Duration.parse("PT48H"))).isEqualTo("Duration.ofDays(2)");
    assertThat(JavaSource.of(Duration.ofSeconds(90))).isEqualTo("Duration.ofSeconds(90)");
    assertThat(JavaSource.of("ab".repeat(500))).isEqualTo("\"ab\".repeat(500)");
  }

  @Test
  void aCallIsWrittenWithItsArguments() {
    assertThat(
            JavaSource.call(
                "jobs", "claim", ClaimRequest.of("queue", "worker", 2, Duration.ofMinutes(1))))
        .isEqualTo("jobs.claim(ClaimRequest.of(\"queue\", \"worker\", 2, Duration.ofMinutes(1)))");
    assertThat(JavaSource.call("admin", "counts")).isEqualTo("admin.counts()");
    Runnable hint = () -> {};
    assertThat(JavaSource.call("jobs", "onWork", "queue", hint))
        .startsWith("jobs.onWork(\"queue\", null /* JavaSourceTest");
  }

  @Test
  void valuesWithANameAreWrittenByIt() {
    Map<Object, String> names = new LinkedHashMap<>();
    names.put("queue-1", "queue");
    names.put(LEASE, "lease");
    var code = new JavaSource(names);

    assertThat(code.callText("jobs", "settle", List.of(Settlement.done(LEASE))))
        .isEqualTo("jobs.settle(List.of(Settlement.done(lease)))");
    assertThat(code.text(JobFilter.all().inQueue("queue-1")))
        .isEqualTo("JobFilter.all().inQueue(queue)");
  }
}
