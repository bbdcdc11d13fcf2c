package dev.lease.examples.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pages are of the files as they are now. Only a run can tell whether they are right. */
class PageTest {

  @ParameterizedTest
  @EnumSource
  @DisplayName("each file of the page was run with as many mutants as it has now")
  void numbers(Store store) throws Exception {
    Map<String, Integer> now =
        store.mutants(Store.ROOT).stream()
            .collect(Collectors.groupingBy(Mutant::file, Collectors.summingInt(mutant -> 1)));

    assertThat(now)
        .as("the mutants of each file; run %s for those that differ from the page", store.runner())
        .containsAllEntriesOf(Page.of(store).numbers());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("each mutant that is not found is one of those, and has a reason")
  void survivors(Store store) throws Exception {
    List<String> mutants = store.mutants(Store.ROOT).stream().map(Mutant::toString).toList();
    Map<String, String> survivors = Page.of(store).survivors();

    assertThat(mutants).containsAll(survivors.keySet());
    assertThat(survivors).isNotEmpty().doesNotContainValue(Page.NO_REASON);
  }
}
