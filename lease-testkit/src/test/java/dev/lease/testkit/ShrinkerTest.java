package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShrinkerTest {

  private static final List<Integer> HUNDRED = IntStream.range(0, 100).boxed().toList();

  private static List<Integer> less(Integer number) {
    return number == 0 ? List.of() : List.of(number / 2, number - 1);
  }

  private static List<Integer> shortest(Predicate<List<Integer>> fails, int tries) {
    return new Shrinker<>(fails, ShrinkerTest::less, tries).shortest(HUNDRED);
  }

  @Test
  void whatIsNotNeededIsLeftOut() {
    List<Integer> needed = List.of(3, 50, 51, 97);

    assertThat(shortest(list -> list.containsAll(needed), 1_000)).isEqualTo(needed);
  }

  @Test
  void whatIsLeftIsMadeSimpler() {
    assertThat(shortest(list -> list.stream().anyMatch(i -> i >= 42), 1_000))
        .isEqualTo(List.of(42));
  }

  @Test
  void nothingIsNoAnswer() {
    assertThat(shortest(list -> true, 1_000)).isEqualTo(List.of(0));
  }

  @Test
  void itTriesNoMoreThanAllowed() {
    var tries = new AtomicInteger();

    List<Integer> shortest = shortest(list -> tries.incrementAndGet() > 0 && list.contains(99), 5);

    assertThat(tries).hasValue(5);
    assertThat(shortest).contains(99).hasSizeLessThan(100);
  }
}
