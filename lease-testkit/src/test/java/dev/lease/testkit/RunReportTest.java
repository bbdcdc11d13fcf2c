package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.LeasePage;
import dev.lease.NewJob;
import dev.lease.testkit.Outcome.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the report of a run says, about a store that passes and about stores that do not. */
class RunReportTest {

  private final Path directory;

  RunReportTest(@TempDir Path target) {
    directory = target.resolve("report");
  }

  private static Parts jobs(BrokenStore.JobMaker broken) {
    return BrokenStore.job("Q14", "for a report", broken).parts();
  }

  /** At the very instant when a job is due, it is not. */
  private static final class Late extends InMemoryJob {
    Late(NewJob input, long place, Instant now) {
      super(input, place, now);
    }

    @Override
    boolean isUpForClaim(Instant at) {
      return super.isUpForClaim(at.minusNanos(1_000));
    }
  }

  private static final class Forgetful extends InMemoryJob {
    Forgetful(NewJob input, long place, Instant now) {
      super(input.toBuilder().maxCrashes((short) input.maxCrashes()).build(), place, now);
    }
  }

  private static Parts pinned(Parts broken) {
    return new Parts() {
      @Override
      InMemoryData data(InstantSource clock) {
        return broken.data(clock);
      }

      @Override
      int kitVersion() {
        return 1;
      }
    };
  }

  private String markdown() throws IOException {
    return Files.readString(directory.resolve("broken-store-.md"));
  }

  private String json() throws IOException {
    return Files.readString(directory.resolve("broken-store-.json"));
  }

  @Test
  void itTellsTheStoreTheKitAndWhatWasNotAsked() throws IOException {
    var parts =
        new Parts() {
          @Override
          Set<Capability> capabilities() {
            Set<Capability> capabilities = super.capabilities();
            capabilities.remove(Capability.HINTS_FROM_OTHERS);
            return capabilities;
          }
        };
    KitRun.report(parts, directory, selectClass(KitRun.Leases.class));

    assertThat(markdown())
        .startsWith("# The Lease kit on Broken")
        .contains("| store | Broken \\| &lt;store> |\n")
        .contains("| version | 1.0 |\n", "| runs on | Memory 17 |\n")
        .contains("| kit version | " + KitVersion.NEWEST + " |\n")
        .contains("| lacks | HINTS_FROM_OTHERS |\n")
        .contains("| time | FROZEN |\n| unit of time | PT0.000001S |\n")
        .contains("| rounds of a race | " + Race.ROUNDS + " |\n")
        .contains("| first seed | " + ModelCheck.seed() + " |\n")
        .contains("| LeaseStoreContract, by Leases at ")
        .contains("| clauses skipped | 4: L19 L22 L29 L31 |\n")
        .contains("| clauses failed | 0 |\n")
        .contains(
            "\n| L29 untested: connection pools and SQL transactions | the backend's own tests |\n")
        .doesNotContain("begin", "| failed test |");
    assertThat(json())
        .contains("\"store\": \"Broken | <store>\",\n")
        .contains(
            "\"skipped\": [\n      \"L19\",\n      \"L22\",\n      \"L29\",\n      \"L31\"\n    ]")
        .contains("\"test\": \"L29 untested: connection pools and SQL transactions\"");
  }

  @Test
  void whereMuchFailsItTellsWhereToBegin() throws IOException {
    KitRun.report(jobs(Late::new), directory, selectClass(KitRun.Jobs.class));

    assertThat(markdown())
        .contains("\nJobQueueContract: begin with Q14 ")
        .contains("| failed test | why |");
    assertThat(json()).contains("\"begin with\": {\n    \"JobQueueContract\": \"Q14 ");
  }

  @Test
  void theClassesOfOneStoreAreInOneReport() throws IOException {
    KitRun.report(new Parts(), directory, selectClass(KitRun.Leases.class));
    var test = selectMethod(KitRun.Jobs.class, "claimableWhenDue");
    KitRun.report(new Parts(), directory, test);
    KitRun.report(new Parts(), directory, test);

    assertThat(markdown())
        .containsOnlyOnce("| LeaseStoreContract, by Leases at ")
        .containsOnlyOnce("| JobQueueContract, by Jobs at ")
        .containsPattern("clauses passed \\| \\d+: L01 .* Q14 ")
        .contains("| store | Broken");
    assertThat(json()).contains("\"contract\": \"JobQueueContract\"", "\"L01\"");
  }

  @Test
  void theLogTellsTheSame() {
    Outcome first = outcome("Q14 is first", Status.FAILED, "");
    Outcome next = outcome("Q02 is next", Status.FAILED, "");

    assertThat(report(first, next).summary())
        .isEqualTo(
            """
            Lease kit: Mine, tests 2: 0 passed, 2 failed, 0 skipped
              JobQueueContract: begin with Q14, the most basic clause that failed: Q14 is first (Mine)""");
    assertThat(report(first).summary())
        .isEqualTo("Lease kit: Mine, tests 1: 0 passed, 1 failed, 0 skipped");
  }

  private static StoreReport report(Outcome... outcomes) {
    return report(part("Mine", outcomes));
  }

  private static StoreReport report(Part... parts) {
    return new StoreReport("Mine", List.of(parts));
  }

  private static Part part(String type, Outcome... outcomes) {
    return part(type, "JobQueueContract", outcomes);
  }

  private static Part part(String type, String contract, Outcome... outcomes) {
    return new Part(type, contract, outcomes.length, Instant.EPOCH, Map.of(), List.of(outcomes));
  }

  private static Outcome outcome(String test, Status status, String why) {
    return new Outcome("Mine", test, status, why, "", false);
  }

  @Test
  void itTellsWhereToBeginInEachContract() {
    StoreReport report =
        report(
            part("Leases", "LeaseStoreContract", outcome("L04 is of leases", Status.FAILED, "")),
            part("Jobs", outcome("Q14 is of jobs", Status.FAILED, "")),
            part("Admins", "JobAdminContract", outcome("Q21 passes", Status.PASSED, "")));

    assertThat(report.summary().lines().skip(1).map(String::strip))
        .containsExactly(
            "JobQueueContract: begin with Q14, the most basic clause that failed: Q14 is of jobs (Mine)",
            "LeaseStoreContract: begin with L04, the most basic clause that failed: L04 is of leases (Mine)");
    assertThat(report.markdown())
        .contains("\nJobQueueContract: begin with Q14 is of jobs\n")
        .contains("\nLeaseStoreContract: begin with L04 is of leases\n");
  }

  /** A name that the store cannot read back poisons each list that it is in. */
  @Test
  void oneExceptionThatFailsManyTestsIsToldInOneLine() throws IOException {
    Parts broken =
        BrokenStore.leases(
                "L16",
                "reads back names as numbers",
                session ->
                    new InMemoryLeaseStore(session) {
                      @Override
                      public LeasePage list(String prefix, @Nullable String after, int limit) {
                        throw new IllegalStateException(
                            "not read", new NumberFormatException("drop table"));
                      }
                    })
            .parts();
    KitRun.report(broken, directory, selectClass(KitRun.Leases.class));

    assertThat(markdown())
        .containsPattern(
            "\nThe same exception in \\d+ tests, first in L07: java.lang.NumberFormatException: drop table\n");
  }

  @Test
  void anExceptionOfOneTestOrAnAssertionOfManyIsNoSuchLine() {
    var thrown = new Outcome("Mine", "Q01 a", Status.FAILED, "", "java.io.IOException", false);

    assertThat(
            report(thrown, outcome("Q02 b", Status.FAILED, ""), outcome("Q03 c", Status.FAILED, ""))
                .summary())
        .doesNotContain("The same exception");
  }

  @Test
  void aTestThatIsNewerThanTheChosenVersionBreaksNoBuild() throws IOException {
    var test = selectMethod(KitRun.Jobs.class, "numbersOfCrashes");
    Parts broken = jobs(Forgetful::new);
    KitRun.report(broken, directory, test);
    assertThat(markdown()).contains("0 passed, 1 failed, 0 skipped");

    KitRun.report(pinned(broken), directory, test);
    assertThat(markdown())
        .contains("0 passed, 0 failed, 1 skipped")
        .contains("The test came with version 2 of the kit, and kitVersion() of the fixture is 1")
        .contains("maxCrashes");

    KitRun.report(
        pinned(jobs(Late::new)), directory, selectMethod(KitRun.Jobs.class, "claimableWhenDue"));
    assertThat(markdown()).as("a test of version 1").contains("0 passed, 1 failed, 0 skipped");
  }

  @Test
  void aVersionThatIsNotThereIsRefused() {
    for (int version : new int[] {0, KitVersion.NEWEST + 1}) {
      Parts parts =
          new Parts() {
            @Override
            int kitVersion() {
              return version;
            }
          };
      assertThat(KitRun.failures(parts, false, "L01"))
          .as("kitVersion %s", version)
          .containsKey("L01");
    }
  }

  @Test
  void theModelIsFollowedByNoOtherCalls() throws IOException {
    var test =
        selectMethod(
            KitRun.Leases.class,
            "randomCallsAgreeWithTheReference",
            StoreUnderTest.class.getName());
    Parts broken =
        SubtlyBroken.all().stream()
            .filter(each -> each.model() == ModelKind.LEASES)
            .findFirst()
            .orElseThrow()
            .store()
            .parts();
    KitRun.report(broken, directory, test);

    assertThat(json())
        .contains("\"test\": \"Q47 ")
        .contains("A test to paste")
        .doesNotContain(CallLog.TITLE);
  }

  @Test
  void aClauseOfWhichATestWasSkippedHasPassedInPart() {
    StoreReport report =
        report(
            outcome("Q01 passed", Status.PASSED, ""),
            outcome("Q01 skipped", Status.SKIPPED, "too slow"),
            outcome("Q02 passed", Status.PASSED, ""),
            outcome("Q03 skipped", Status.SKIPPED, "too slow"),
            outcome("Q04 failed", Status.FAILED, "wrong"),
            outcome("Q04 skipped", Status.SKIPPED, "too slow"));

    assertThat(report.markdown())
        .contains("| clauses passed | 1: Q02 |\n")
        .contains("| clauses passed in part | 1: Q01 |\n")
        .contains("| clauses failed | 1: Q04 |\n")
        .contains("| clauses skipped | 1: Q03 |\n");
    assertThat(report.json()).contains("\"passed in part\": [\n      \"Q01\"\n    ]");
  }

  @Test
  void aSkippedTestThatAnotherClassRanCountsAsPassed() {
    Outcome passed = outcome("Q01 a race", Status.PASSED, "");
    Outcome skipped = outcome("Q01 a race", Status.SKIPPED, "another class runs it");

    assertThat(report(part("One", passed), part("Two", skipped)).markdown())
        .contains("| clauses passed | 1: Q01 |\n");
    assertThat(report(part("One", "JobAdminContract", passed), part("Two", skipped)).markdown())
        .as("a test of that name in another contract")
        .contains("| clauses passed in part | 1: Q01 |\n");
  }

  @Test
  void itTellsHowManyTestsWereNotAsked() throws IOException {
    long all = RunReport.testsOf(LeaseStoreContract.class).count();
    KitRun.report(new Parts(), directory, selectMethod(KitRun.Leases.class, "readsChangeNothing"));

    assertThat(markdown())
        .contains("| tests | 1 of %s: 1 passed, 0 failed, 0 skipped |".formatted(all));
    assertThat(json())
        .contains("\"tests\": {\n    \"all\": %s,\n    \"asked\": 1,\n".formatted(all));
  }

  @Test
  void classesOfTheSameSimpleNameHaveAPartEach() throws IOException {
    KitRun.report(
        new Parts(),
        directory,
        selectMethod(KitRun.Leases.class, "readsChangeNothing"),
        selectMethod(Again.Leases.class, "readsChangeNothing"));

    assertThat(markdown()).contains(": 2 passed");
  }

  private static final class Again {
    static class Leases extends KitRun.Leases {}
  }

  @Test
  void theDirectoryHasWhatAnAuthorPublishesAndNothingElse() throws IOException {
    KitRun.report(new Parts(), directory, selectMethod(KitRun.Leases.class, "readsChangeNothing"));

    assertThat(directory).isDirectoryNotContaining(path -> !path.toString().contains("store-."));
  }

  @Test
  void aFixtureWithoutAClassOfItsOwnIsNamedAfterTheClassThatMakesIt() {
    Backend backend = new InMemoryFixture().open();
    StoreFixture lambda = () -> backend;
    var anonymous =
        new StoreFixture() {
          @Override
          public Backend open() {
            return backend;
          }
        };

    assertThat(List.of(lambda.name(), anonymous.name())).containsOnly("RunReportTest");
    assertThat(new InMemoryFixture().name()).isEqualTo("InMemory");
  }

  private static Parts saying(@Nullable String name, @Nullable String version) {
    return new Parts() {
      @Override
      @SuppressWarnings("NullAway")
      String name() {
        return name;
      }

      @Override
      @SuppressWarnings("NullAway")
      String version() {
        return version;
      }
    };
  }

  @Test
  void aStoreWithoutANameIsRefused() throws IOException {
    var test = selectMethod(KitRun.Leases.class, "readsChangeNothing");
    for (String name : Arrays.asList(null, " ")) {
      KitRun.report(saying(name, ""), directory, test);

      assertThat(Files.readString(directory.resolve("leases.md")))
          .contains("name() of the fixture must be a text that is not blank, was \"" + name + "\"");
    }
  }

  @Test
  void aStoreWithoutAVersionSaysSoWithAnEmptyText() throws IOException {
    KitRun.report(
        saying("Broken | <store>", null),
        directory,
        selectMethod(KitRun.Leases.class, "readsChangeNothing"));

    assertThat(markdown())
        .contains("version() of the fixture must not be null: empty is for nothing to tell");
  }

  @Test
  void twoStoresDoNotShareAFile() throws IOException {
    var files = new ReportFiles(directory);
    files.write("Mine!", List.of(named("Mine!")));

    assertThatThrownBy(() -> files.write("mine?", List.of(named("mine?"))))
        .isInstanceOf(IOException.class)
        .hasMessage("mine-.md is the report of the store \"Mine!\", so name \"mine?\" otherwise");
    assertThat(Files.readString(directory.resolve("mine-.md"))).contains("Mine!");
  }

  private static Part named(String store) {
    return new Part("T", "C", 0, Instant.EPOCH, Map.of("store", store), List.of());
  }

  @Test
  void jsonIsForPrograms() throws IOException {
    KitRun.report(new Parts(), directory, selectMethod(KitRun.Leases.class, "readsChangeNothing"));

    assertThat(json())
        .startsWith("{\n  \"format\": 2,\n  \"store\": \"Broken | <store>\",\n")
        .contains("\"lacks\": []", "\"failed tests\": []")
        .contains("\"kit version\": " + KitVersion.NEWEST + ",\n")
        .contains("\"passed\": 1,\n", "\"failed\": 0,\n", "\"skipped\": 0\n")
        .contains("\"class\": \"" + KitRun.Leases.class.getName() + "\"");
  }

  @Test
  void whereThePartsDifferEachValueIsToldOnce() {
    Part[] parts =
        Stream.of("17.1", "17.2", "17.1")
            .map(version -> new Part("T", "C", 1, Instant.EPOCH, Map.of("on", version), List.of()))
            .toArray(Part[]::new);

    assertThat(report(parts).markdown()).contains("| on | 17.1; 17.2 |\n");
  }

  static class WithATestOfItsOwn extends KitRun.Leases {
    @Test
    @DisplayName("L29 is tested here, says its author")
    void own() {}
  }

  @Test
  void aTestOfTheAuthorIsNotOneOfTheKit() throws IOException {
    var own = selectMethod(WithATestOfItsOwn.class, "own");
    assertThat(KitRun.report(new Parts(), directory, own)).isEmpty();
    assertThat(directory).as("a report of no test").doesNotExist();

    KitRun.report(
        new Parts(), directory, own, selectMethod(WithATestOfItsOwn.class, "readsChangeNothing"));

    assertThat(markdown()).contains("| tests | 1 of ", "1 passed").doesNotContain("L29");
  }

  @Test
  void aTextThatNoEncodingHasSpoilsNoReport() throws IOException {
    var odd =
        outcome("Q02 a text", Status.FAILED, "lone \ud800, a bell \u0007, a pair \ud83d\ude00");

    Path page = new ReportFiles(directory).write("Mine", List.of(part("Mine", odd)));

    assertThat(Files.readString(page))
        .contains("lone \\ud800, a bell \\u0007, a pair \ud83d\ude00");
  }

  @Test
  void aReportThatCannotBeWrittenFailsNoRun() throws IOException {
    Path file = Files.createFile(directory);

    assertThat(
            KitRun.report(
                new Parts(), file, selectMethod(KitRun.Leases.class, "readsChangeNothing")))
        .isEmpty();
  }

  @Test
  void aStoreThatCannotBeOpenedIsReportedAsFailed() throws IOException {
    var test = selectMethod(KitRun.Leases.class, "readsChangeNothing");
    KitRun.report(new Parts(), directory, test);
    assertThat(markdown()).contains("1 passed, 0 failed");

    KitRun.report(
        new Parts() {
          @Override
          InMemorySession session(InMemoryData data) {
            throw new IllegalStateException("no server");
          }
        },
        directory,
        test);
    assertThat(markdown()).contains("0 passed, 1 failed", "no server");

    KitRun.report(
        new Parts() {
          @Override
          int kitVersion() {
            return 0;
          }
        },
        directory,
        test);
    assertThat(markdown()).contains("0 passed, 1 failed", "kitVersion() must be 1 to");
  }

  @Test
  void whereThereIsNoFixtureTheReportHasTheNameOfTheTests() throws IOException {
    KitRun.report(
        new Parts() {
          @Override
          InMemoryData data(InstantSource clock) {
            throw new IllegalStateException("no fixture");
          }
        },
        directory,
        selectMethod(KitRun.Leases.class, "readsChangeNothing"));

    assertThat(Files.readString(directory.resolve("leases.md")))
        .contains("0 passed, 1 failed", "no fixture");
  }

  @Test
  void noReportIsWrittenIfNoneIsWanted() {
    KitRun.report(
        new Parts(), Path.of("none"), selectMethod(KitRun.Leases.class, "readsChangeNothing"));

    assertThat(Path.of("none")).doesNotExist();
  }

  @Test
  void jsonIsValid() {
    assertThat(Json.of(Map.of("a \"b\"\\\n\u0001\ud800", List.of(1, "x"))))
        .isEqualTo("{\n  \"a \\\"b\\\"\\\\\\n\\u0001\\ud800\": [\n    1,\n    \"x\"\n  ]\n}\n");
  }
}
