package dev.lease.examples.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pages name mutants that the files still have. Only a run can tell what becomes of them. */
class PageTest {

  @ParameterizedTest
  @EnumSource
  @DisplayName("each file of the page has as many mutants as when it was run")
  void numbers(Store store) throws Exception {
    assertThat(store.numbers(Store.ROOT))
        .as(
            "the mutants of each file; for those that differ from the page, run"
                + " mvn -Pmutation,quick -pl examples/mutants -am process-test-classes"
                + " -DskipPitest -Dtest=%s -Dlease.mutants=<file>",
            store.runner())
        .containsAllEntriesOf(Page.of(store).numbers());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("each mutant that the page has as not found is still one, and has a reason")
  void survivors(Store store) throws Exception {
    List<String> mutants = store.mutants(Store.ROOT).stream().map(Mutant::toString).toList();
    Map<String, String> survivors = Page.of(store).survivors();

    assertThat(mutants).containsAll(survivors.keySet());
    assertThat(survivors).isNotEmpty().doesNotContainValue(Page.NO_REASON);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("the README says how many were run, and how many there are")
  void figures(Store store) throws Exception {
    int run = Page.of(store).run();
    int all = store.mutants(Store.ROOT).size();

    assertThat(Path.of("README.md"))
        .content()
        .contains(String.format(Locale.ROOT, "| %,d of %,d |", run, all));
  }
}
