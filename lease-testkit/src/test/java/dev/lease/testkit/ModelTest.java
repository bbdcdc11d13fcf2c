package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The model test notices broken stores, and shows each fault in a few calls that can be pasted. */
class ModelTest {

  private static final int SEEDS = 20;
  private static final int A_HANDFUL = 7;

  @TempDir Path folder;

  @Tag("slow")
  @TestFactory
  Stream<DynamicTest> aBrokenStoreIsToldByAFewCallsThatCanBePasted() {
    return SubtlyBroken.all().stream()
        .map(broken -> DynamicTest.dynamicTest(broken.toString(), () -> assertTold(broken)));
  }

  private void assertTold(SubtlyBroken broken) throws Exception {
    Parts parts = broken.store().parts();
    String test = shortestTest(broken.model().of(parts));

    Path own = Files.createTempDirectory(folder, "pasted");
    var pasted = new Pasted(own, broken.model().contract, test);
    assertThat(pasted.failure(() -> new KitRun.Fixture(parts)))
        .as("on the broken store:%n%s", test)
        .get()
        .isInstanceOf(AssertionError.class);
    assertThat(pasted.failure(InMemoryFixture::new)).as("on the reference:%n%s", test).isEmpty();
  }

  private static <S extends Subject> String shortestTest(ModelCheck<S> model) throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Optional<Disagreement<S>> disagreement = model.shortest(seed);
      if (disagreement.isPresent()) {
        String test = disagreement.get().test(Pasted.METHOD, model.beginning());
        assertThat(disagreement.get().calls()).as(test).hasSizeLessThanOrEqualTo(A_HANDFUL);
        return test;
      }
    }
    throw new AssertionError("not noticed by " + SEEDS + " sequences");
  }

  @Tag("slow")
  @TestFactory
  Stream<DynamicTest> theReferencePassesAHundredSeeds() {
    return Stream.of(ModelKind.values())
        .map(kind -> DynamicTest.dynamicTest(kind.toString(), () -> runAHundredSeeds(kind)));
  }

  private static void runAHundredSeeds(ModelKind kind) throws Exception {
    for (int seed = 1_000; seed < 1_100; seed++) {
      kind.of(new Parts()).run(seed, 1);
    }
  }

  /** A claim that reaches its limit need not have met all exhausted jobs, but it may [Q20]. */
  @Test
  void aFullClaimMayFinishJobs() throws Exception {
    Parts parts =
        BrokenStore.queue(
                "Q20",
                "not broken: each claim meets all exhausted jobs",
                session ->
                    new InMemoryJobQueue(session) {
                      @Override
                      List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                        return super.upForClaim(data, now, queue).stream()
                            .sorted(Comparator.comparing(job -> !job.finishesWhenMet(now)))
                            .toList();
                      }
                    })
            .parts();
    ModelKind.JOBS.of(parts).run(1, SEEDS);
    ModelKind.ADMIN.of(parts).run(1, SEEDS);
  }

  @Test
  void theSequencesTakeEveryEdgeOfPolicy12AndNoOther() throws Exception {
    var model = (JobModel) ModelKind.ADMIN.of(new Parts());
    Set<String> taken = new TreeSet<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      taken.addAll(edges(model.sequence(seed)));
    }

    assertThat(taken)
        .containsExactlyInAnyOrder(
            "PENDING -> PROCESSING",
            "RETRY -> PROCESSING",
            "PROCESSING -> DONE",
            "PROCESSING -> RETRY",
            "PROCESSING -> FAILED",
            "PROCESSING -> CANCELLED",
            "PROCESSING -> PENDING",
            "PENDING -> CANCELLED",
            "RETRY -> CANCELLED",
            "FAILED -> PENDING",
            "CANCELLED -> PENDING");
  }

  private static Set<String> edges(List<NumberedCall<JobSubject>> calls) throws Exception {
    var time =
        new StoreTime.Followed(
            new ManualClock(), StoreFixture.Time.FROZEN, Duration.ofNanos(1_000));
    List<Backend> objects = time.reference();
    var subject = new JobSubject(objects, true, time);
    JobAdmin admin = objects.get(0).jobAdmin();
    Set<String> edges = new TreeSet<>();
    Map<String, JobState> before = Map.of();
    for (NumberedCall<JobSubject> call : calls) {
      call.makeOn(subject, true);
      Map<String, JobState> after =
          admin.list(JobQuery.of(JobFilter.all()).limit(JobSubject.ALL)).jobs().stream()
              .collect(Collectors.toMap(job -> job.queue() + job.id(), Job::state));
      before.forEach(
          (id, from) -> {
            JobState to = after.getOrDefault(id, from);
            if (from != to) {
              edges.add(from + " -> " + to);
            }
          });
      before = after;
    }
    return edges;
  }
}
