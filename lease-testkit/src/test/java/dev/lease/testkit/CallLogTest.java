package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a failure report says about the calls before the failure. */
class CallLogTest {

  private final CallLog calls = new CallLog();
  private final LeaseStore store =
      calls.recorded(new InMemoryFixture().open(), "store", "jobs", "admin").leaseStore();

  @Test
  void callsAreWrittenAsCodeWithTheirAnswers() {
    Lease lease = store.acquire("name", "owner", Duration.ofMinutes(1)).orElseThrow();
    calls.note("time", "advance", Duration.ofSeconds(1));
    store.release(lease);
    assertThatIllegalArgumentException().isThrownBy(() -> store.find(""));

    assertThat(calls)
        .hasToString(
            """
            What the test had done:
              store.acquire("name", "owner", Duration.ofMinutes(1));
                // Optional.of(lease1)
                // where lease1 is Lease.of("name", "owner", 1767225600000000L, Instant.parse("2026-01-01T00:01:00Z"), Instant.parse("2026-01-01T00:00:00Z"))
              time.advance(Duration.ofSeconds(1));
              store.release(lease1);
                // true
              store.find("");
                // throws java.lang.IllegalArgumentException: lease name must not be blank, was ""
            """);
  }

  @Test
  void onlyTheLastCallsAreKept() {
    for (int i = 0; i < 1_000; i++) {
      store.find("name " + i);
    }

    assertThat(calls.toString())
        .contains("the last 30 of 1000 calls", "name 970", "name 999")
        .doesNotContain("name 969");
  }

  @Test
  void longTextsAreCut() {
    store.acquire("é".repeat(17), "ab cd ef gh".repeat(18), Duration.ofMinutes(1));
    calls.note("test", "note", "0123456789abcdefghijk".repeat(10) + "0123456789".repeat(100_000));

    assertThat(calls.toString().lines()).allMatch(line -> line.length() < 450);
    assertThat(calls.toString()).contains("more characters");
  }

  @Test
  void longListsAreShortened() {
    calls.note("test", "batch", IntStream.range(0, 2_500).boxed().toList());

    assertThat(calls.toString())
        .contains("test.batch(List.of(0, 1, 2, 3, 4, ... and 2,495 more));")
        .doesNotContain("more characters");
  }

  @Test
  void soAreThoseInTheMessagesOfAssertions() {
    List<String> ids = IntStream.range(0, 2_500).mapToObj(i -> "job-" + i).toList();
    AssertionError failure =
        catchThrowableOfType(
            AssertionError.class, () -> assertThat(ids).as("ids").containsExactly("job-0"));
    String message = String.valueOf(failure.getMessage());
    assertThat(message.lines()).hasSizeGreaterThan(900);

    String shortened = LongLists.shortened(message);

    assertThat(shortened.lines()).hasSizeLessThan(60);
    assertThat(shortened).contains("[ids]", "job-9", " more lines\n").doesNotContain("job-99");
  }
}
