package dev.lease.worker;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

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
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.guice.JobHandlerBinder;
import dev.lease.worker.guice.WorkerModule;
import dev.lease.worker.junit.LeaseExtension;
import dev.lease.worker.metrics.QueueMetrics;
import dev.lease.worker.metrics.WorkerMetrics;
import dev.lease.worker.tracing.JobTracing;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The rules between the modules, for all of those that a worker's tests can see. */
class ArchitectureTest {

  private static final JavaClasses LEASE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.lease");

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
  @DisplayName("no classes go round in a circle, in any module")
  void cycles() {
    slices().assignedFrom(new Files()).should().beFreeOfCycles().check(LEASE);
  }

  /** Each file by itself: a class together with those in it. */
  private static final class Files implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      JavaClass outer = type;
      while (outer.getEnclosingClass().isPresent()) {
        outer = outer.getEnclosingClass().get();
      }
      return SliceIdentifier.of(outer.getName());
    }

    @Override
    public String getDescription() {
      return "files";
    }
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
  @DisplayName("in the worker only a codec depends on a Jackson")
  void jackson() {
    onlyTheseDependOn("tools.jackson..", JacksonCodec.class);
    onlyTheseDependOn("com.fasterxml.jackson..", Jackson2Codec.class);
  }

  @Test
  @DisplayName("cron-utils is optional: only the class of cron expressions depends on it")
  void cronUtils() {
    onlyTheseDependOn("com.cronutils..", CronTimes.class);
  }

  @Test
  @DisplayName("Micrometer is optional: only what measures depends on it")
  void micrometer() {
    onlyTheseDependOn("io.micrometer..", WorkerMetrics.class, QueueMetrics.class);
  }

  @Test
  @DisplayName("OpenTelemetry is optional: only what traces depends on it")
  void openTelemetry() {
    onlyTheseDependOn("io.opentelemetry..", JobTracing.class);
  }

  private static void onlyTheseDependOn(String library, Class<?>... these) {
    noClasses()
        .that(resideInAPackage("dev.lease.worker..").and(not(belongToAnyOf(these))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(LEASE);
  }

  @Test
  @DisplayName("JUnit is optional: in the worker only its extension depends on it")
  void junit() {
    onlyTheseDependOn("org.junit..", LeaseExtension.class);
  }

  @Test
  @DisplayName("Guice is optional: only its modules and the binder of handlers depend on it")
  void guice() {
    noClasses()
        .that(
            not(
                belongToAnyOf(
                    WorkerModule.class,
                    JobHandlerBinder.class,
                    JdbcModule.class,
                    RedisModule.class)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.google.inject..")
        .check(LEASE);
  }
}
