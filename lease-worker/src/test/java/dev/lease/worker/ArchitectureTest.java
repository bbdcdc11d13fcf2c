package dev.lease.worker;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.lease.jdbc.JdbcModule;
import dev.lease.redis.RedisModule;
import dev.lease.worker.codec.Jackson2Codec;
import dev.lease.worker.guice.MetricsModule;
import dev.lease.worker.guice.TracingModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The rules between the modules, for all of those that a worker's tests can see. */
class ArchitectureTest {

  /**
   * What gives the slots of keys to the next jobs and tells parts of graphs, or notes that somebody
   * has to.
   */
  private static final Set<String> PASS_ON = Set.of("ended", "deleted", "noteEnded", "arrive");

  private static final JavaClasses LEASE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.lease");

  private static final int SMALL = 10;

  private static final DescribedPredicate<JavaClass> OURS = resideInAPackage("dev.lease..");

  @Test
  @DisplayName("the API depends on nothing but JSpecify")
  void api() {
    classes()
        .that()
        .resideInAPackage("dev.lease")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.lease", "java..", "org.jspecify.annotations")
        .check(LEASE);
  }

  @Test
  @DisplayName("a backend, the worker and the kit know the API and themselves, not each other")
  void modules() {
    for (String module :
        new String[] {
          "dev.lease.jdbc", "dev.lease.redis", "dev.lease.worker", "dev.lease.testkit"
        }) {
      noClasses()
          .that()
          .resideInAPackage(module + "..")
          .should()
          .dependOnClassesThat(
              OURS.and(resideOutsideOfPackage("dev.lease"))
                  .and(resideOutsideOfPackage(module + "..")))
          .check(LEASE);
    }
  }

  @Test
  @DisplayName("the kit and its test servers do not know each other")
  void servers() {
    noClasses()
        .that()
        .resideInAPackage("dev.lease.testkit")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.lease.testkit.server")
        .check(LEASE);
    noClasses()
        .that()
        .resideInAPackage("dev.lease.testkit.server")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.lease.testkit")
        .check(LEASE);
  }

  @Test
  @DisplayName("neither files nor packages depend on each other in a circle, in any module")
  void cycles() {
    slices().assignedFrom(by("files", Rooms::file)).should().beFreeOfCycles().check(LEASE);
    slices()
        .assignedFrom(by("packages", JavaClass::getPackageName))
        .should()
        .beFreeOfCycles()
        .check(LEASE);
  }

  private static SliceAssignment by(String description, Function<JavaClass, String> of) {
    return new SliceAssignment() {

      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        return SliceIdentifier.of(of.apply(type));
      }

      @Override
      public String getDescription() {
        return description;
      }
    };
  }

  @Test
  @DisplayName("what the worker can do without, and needs only its public API, has its own package")
  void rooms() {
    assertThat(Rooms.of(LEASE, "dev.lease.worker").thatCouldLeave(Worker.class.getName()))
        .isEmpty();
  }

  @Test
  @DisplayName("the map of the worker's package names each of its files")
  void map() throws IOException {
    String map = Files.readString(Path.of("src/main/java/dev/lease/worker/package-info.java"));
    assertThat(map.split("\\W+"))
        .contains(
            LEASE.stream()
                .filter(type -> type.getPackageName().equals("dev.lease.worker"))
                .map(Rooms::file)
                .map(file -> file.substring(file.lastIndexOf('.') + 1))
                .filter(file -> !file.equals("package-info"))
                .toArray(String[]::new));
  }

  @Test
  @DisplayName("a package has no more files than its cap; one without a name here is small")
  void caps() {
    Map<String, Integer> caps =
        Map.of(
            "dev.lease", 59,
            "dev.lease.jdbc", 99,
            "dev.lease.redis", 61,
            "dev.lease.router", 12,
            "dev.lease.testkit", 177,
            "dev.lease.testkit.server", 25,
            "dev.lease.worker", 114);
    Map<String, Set<String>> files =
        LEASE.stream()
            .filter(type -> !type.getSimpleName().equals("package-info"))
            .collect(
                groupingBy(JavaClass::getPackageName, TreeMap::new, mapping(Rooms::file, toSet())));
    assertThat(files)
        .allSatisfy(
            (name, those) ->
                assertThat(those).hasSizeLessThanOrEqualTo(caps.getOrDefault(name, SMALL)));
  }

  @Test
  @DisplayName("Q63 Q74 what ends a job or puts it off in SQL is in few places, which pass that on")
  void endings() {
    Map<String, Set<String>> enders =
        Map.of(
            "JOB_FINISH",
                Set.of("JobOperations", "ArraysStyle", "LockingReadsStyle", "SingleWriterStyle"),
            "JOB_RETURN", Set.of("JobOperations"),
            "JOB_CANCEL", Set.of("JdbcJobAdmin"),
            "JOB_DELETE", Set.of("JdbcJobAdmin"),
            "JOB_REQUEUE", Set.of("JdbcJobAdmin"),
            "JOB_CHANGE", Set.of("JdbcJobAdmin"),
            "JOB_CLAIM",
                Set.of("OpenClaim", "ArraysStyle", "LockingReadsStyle", "SingleWriterStyle"),
            "JOB_RESET_EXPIRED",
                Set.of(
                    "OpenClaim",
                    "JdbcJobAdmin",
                    "ArraysStyle",
                    "LockingReadsStyle",
                    "SingleWriterStyle"));
    Map<String, Set<String>> found = new TreeMap<>();
    Set<String> passingOn = new TreeSet<>();
    for (JavaClass type : LEASE) {
      String name = type.getSimpleName();
      if (!type.getPackageName().equals("dev.lease.jdbc")
          || Set.of("Sql", "DialectCheck").contains(name)) {
        continue;
      }
      type.getFieldAccessesFromSelf().stream()
          .filter(access -> access.getTargetOwner().getSimpleName().equals("Sql"))
          .map(access -> access.getTarget().getName())
          .filter(enders::containsKey)
          .forEach(sql -> found.computeIfAbsent(sql, each -> new TreeSet<>()).add(name));
      if (type.getMethodCallsFromSelf().stream()
          .anyMatch(call -> PASS_ON.contains(call.getTarget().getName()))) {
        passingOn.add(name);
      }
    }
    assertThat(found).isEqualTo(enders);
    assertThat(passingOn).containsAll(enders.values().stream().flatMap(Set::stream).toList());
  }

  @Test
  @DisplayName("L19 no backend reads a local wall clock")
  void clocks() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.lease.jdbc", "dev.lease.redis")
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Clock.class)
        .check(LEASE);
  }

  @Test
  @DisplayName("nobody prints, and only the worker and the backends log")
  void output() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(LEASE);
    noClasses()
        .that()
        .resideInAPackage("dev.lease")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.slf4j..")
        .check(LEASE);
  }

  @Test
  @DisplayName("in the worker only a codec and the reports depend on a Jackson")
  void jackson() {
    onlyTheseDependOn(
        "tools.jackson..",
        resideInAPackage("dev.lease.worker.codec").or(equivalentTo(ReportNote.class)));
    onlyTheseDependOn("com.fasterxml.jackson..", equivalentTo(Jackson2Codec.class));
  }

  @Test
  @DisplayName("what needs an optional library of the worker is apart from the rest")
  void optional() {
    onlyTheseDependOn("com.cronutils..", equivalentTo(CronTimes.class));
    onlyTheseDependOn(
        "io.micrometer..",
        resideInAnyPackage("dev.lease.worker.metrics", "dev.lease.worker.spring")
            .or(belongToAnyOf(MetricsModule.class)));
    onlyTheseDependOn(
        "io.opentelemetry..",
        resideInAnyPackage("dev.lease.worker.tracing", "dev.lease.worker.spring")
            .or(equivalentTo(TracingModule.class)));
    onlyTheseDependOn(
        "org.junit..",
        resideInAnyPackage("dev.lease.worker.junit", "dev.lease.worker.spring.test"));
    onlyTheseDependOn("com.sun.net.httpserver..", resideInAPackage("dev.lease.worker.health"));
    onlyTheseDependOn("com.google.inject..", resideInAPackage("dev.lease.worker.guice"));
  }

  private static void onlyTheseDependOn(String library, DescribedPredicate<JavaClass> these) {
    noClasses()
        .that(resideInAPackage("dev.lease.worker..").and(not(these)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(LEASE);
  }

  @Test
  @DisplayName("Guice is optional: in a backend only its module depends on it")
  void guice() {
    noClasses()
        .that(
            resideOutsideOfPackage("dev.lease.worker..")
                .and(not(belongToAnyOf(JdbcModule.class, RedisModule.class))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.google.inject..")
        .check(LEASE);
  }

  @Test
  @DisplayName("Spring is optional: only the packages named spring depend on it")
  void spring() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.lease..spring..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.springframework..")
        .check(LEASE);
  }
}
