package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The clause to begin with is mostly the one that is broken. */
class ClauseOrderTest {

  /** Each of these stores fails in the clause that it breaks, and some in other clauses too. */
  private static boolean isNamed(BrokenStore store) {
    var failing = new TreeSet<String>(ClauseOrder.MOST_BASIC_FIRST);
    failing.add(store.clause());
    failing.addAll(store.neighbours());
    return failing.first().equals(store.clause());
  }

  @Test
  void ofSeveralClausesTheBrokenOneIsMostlyNamed() {
    List<BrokenStore> several =
        BrokenStores.ALL.stream().filter(store -> !store.neighbours().isEmpty()).toList();

    assertThat(several.stream().filter(ClauseOrderTest::isNamed).count() * 1.0 / several.size())
        .as("the share of the %s stores whose own clause is named", several.size())
        .isGreaterThan(0.6);
  }

  @Test
  void aTestOfOneClauseComesBeforeBroadOnes() {
    List<Outcome> failed =
        Stream.of("Q01 a history with faults", "Q39 a batch")
            .map(
                test ->
                    new Outcome(
                        "Mine", test, Outcome.Status.FAILED, "", "", test.contains("history")))
            .toList();

    assertThat(ClauseOrder.first(failed).orElseThrow().clauses()).containsExactly("Q39");
  }
}
