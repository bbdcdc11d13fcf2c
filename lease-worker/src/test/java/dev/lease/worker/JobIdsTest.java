package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JobIdsTest {

  @Test
  void theyAreUuidsOfVersion7InTheOrderOfTime() {
    long before = System.currentTimeMillis();
    List<String> ids = Stream.generate(JobIds::next).limit(100_000).toList();
    assertThat(ids).isSorted().doesNotHaveDuplicates();
    assertThat(ids.stream().map(UUID::fromString))
        .allMatch(id -> id.version() == 7 && id.variant() == 2);
    assertThat(millis(ids.get(0))).isBetween(before, System.currentTimeMillis());
  }

  private static long millis(String id) {
    return UUID.fromString(id).getMostSignificantBits() >>> 16;
  }

  @Test
  void theyAreUniqueOverThreads() {
    assertThat(IntStream.range(0, 100_000).parallel().mapToObj(i -> JobIds.next()).toList())
        .doesNotHaveDuplicates();
  }

  @Test
  void noneTellsTheNext() {
    assertThat(
            Stream.generate(JobIds::next)
                .limit(1_000)
                .map(id -> UUID.fromString(id).getLeastSignificantBits()))
        .doesNotHaveDuplicates();
  }
}
