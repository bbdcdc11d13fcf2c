package dev.lease.console;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackagesTest {

  private static final JavaClasses CONSOLE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.lease.console");

  @ParameterizedTest
  @DisplayName("what a program may lack is named by one package alone")
  @CsvSource({
    "org.springframework.., dev.lease.console.spring",
    "com.google.inject.., dev.lease.console.guice"
  })
  void optional(String library, String one) {
    noClasses()
        .that()
        .resideOutsideOfPackage(one)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CONSOLE);
  }

  @ParameterizedTest
  @DisplayName("what only the program needs, with its own store, is named by the program alone")
  @CsvSource({"dev.lease.jdbc..", "dev.lease.redis..", "picocli.."})
  void ofTheProgram(String library) {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(ConsoleProgram.class.getName())
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CONSOLE);
  }
}
