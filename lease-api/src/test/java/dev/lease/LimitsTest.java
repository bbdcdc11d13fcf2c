package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LimitsTest {

  @Test
  @DisplayName("a text in one line has nothing on which a log or a terminal would act")
  void oneLine() {
    assertThat(Limits.oneLine("a\u001b[2Jb\rc\u009bd\u202ee\u2028f\u007fg\ud83dh\u0085i\nj"))
        .isEqualTo("a\\u001B[2Jb\\u000Dc\\u009Bd\\u202Ee\\u2028f\\u007Fg\\uD83Dh\\u0085i\\u000Aj");
    String family = "\ud83d\udc68\u200d\ud83d\udc69";
    for (String text : List.of("Käse 日本 \ud83c\udf75", family, "می\u200cخواهم")) {
      assertThat(Limits.oneLine(text)).isEqualTo(text);
    }
    assertThat(Limits.oneLine("a\u200bb\u00adc")).isEqualTo("a\\u200Bb\\u00ADc");
  }

  @Test
  @DisplayName("a message quotes the beginning of a value as one line shows it")
  void quoted() {
    String tea = "\ud83c\udf75";
    assertThat(Limits.quote("a\u202e\n")).isEqualTo("\"a\\u202E\\u000A\"");
    assertThat(Limits.quote(tea.repeat(60))).isEqualTo('"' + tea.repeat(60) + '"');
    assertThat(Limits.quote(tea.repeat(61))).isEqualTo('"' + tea.repeat(60) + "…\"");
  }

  @Test
  @DisplayName("causes that go in a circle end, and so do those that are not told")
  void causes() {
    var one = new IllegalStateException("one");
    var other = new IllegalStateException("other", one);
    one.initCause(other);
    assertThat(Limits.causes(one)).startsWith(one, other, one).hasSizeLessThan(100);

    var silent =
        new IllegalStateException("silent") {
          @Override
          public synchronized Throwable getCause() {
            throw new UnsupportedOperationException("no");
          }
        };
    var last = new IllegalStateException("last", silent);
    assertThat(Limits.causes(last)).containsExactly(last, silent);
  }

  @Test
  @DisplayName("a time is shown as people write it")
  void shown() {
    Map<String, String> times =
        Map.ofEntries(
            Map.entry("PT0S", "0 ms"),
            Map.entry("PT0.244083778S", "244 ms"),
            Map.entry("PT0.9999S", "999 ms"),
            Map.entry("PT1S", "1 s"),
            Map.entry("PT1.999S", "1.9 s"),
            Map.entry("PT9.999S", "9.9 s"),
            Map.entry("PT10.5S", "10 s"),
            Map.entry("PT1M", "1 min"),
            Map.entry("PT2M5.3S", "2 min 5 s"),
            Map.entry("PT23H", "23 h"),
            Map.entry("PT25H1M1S", "1 d 1 h"),
            Map.entry("PT87600H", "3650 d"));
    times.forEach(
        (time, shown) -> assertThat(Limits.shown(Duration.parse(time))).as(time).isEqualTo(shown));
  }

  @Test
  @DisplayName("L17 a name has 1 to 200 bytes of UTF-8, and is not blank")
  void names() {
    assertThat(Limits.name("queue", "é".repeat(100))).hasSize(100);
    refused(
        () -> Limits.name("queue", "é".repeat(100) + "x"), "at most 200 bytes of UTF-8, was 201");
    refused(() -> Limits.name("queue", "😀".repeat(51)), "was 204");
    refused(() -> Limits.name("queue", ""), "queue must not be blank, was \"\"");
    refused(() -> Limits.name("queue", " \t"), "queue must not be blank, was \" \\u0009\"");
    refused(() -> Limits.name("queue", null), "queue must not be null");
  }

  @Test
  @DisplayName("L17 what a database cannot keep is refused with its place: U+0000, lone surrogates")
  void storable() {
    refused(() -> Limits.text("payload", "a\0b"), "U+0000, found at index 1 of \"a\\u0000b\"");
    refused(() -> Limits.text("payload", "a\uD83D"), "lone surrogate, found at index 1");
    refused(() -> Limits.text("payload", "\uDE00b"), "lone surrogate, found at index 0");
    refused(() -> Limits.text("payload", "\uD83D\uD83D\uDE00"), "found at index 0");
    assertThat(Limits.text("payload", "")).isEmpty();
    assertThat(Limits.text("payload", "😀\uFFFF\u0001")).hasSize(4);
  }

  @Test
  @DisplayName("L32 a note has at most 8,000 bytes of UTF-8, and may be empty")
  void notes() {
    assertThat(Limits.note("")).isEmpty();
    assertThat(Limits.note("é".repeat(4_000))).hasSize(4_000);
    refused(() -> Limits.note("é".repeat(4_000) + "x"), "note must be at most 8000 bytes");
    refused(() -> Limits.note("a\0"), "note must not contain U+0000");
    refused(() -> Limits.note(null), "note must not be null");
    Lease lease = Lease.of("name", "owner", 1, Instant.EPOCH, Instant.EPOCH);
    refused(() -> lease.withNote("x".repeat(8_001)), "note must be at most 8000 bytes");
    assertThat(lease.withNote("note").withNote(null)).isEqualTo(lease);
    assertThat(lease.withNote("note")).isNotEqualTo(lease);
  }

  @Test
  void theRefusalOfALongValueIsShort() {
    assertThatThrownBy(() -> Limits.text("payload", "x".repeat(Limits.MAX_TEXT_BYTES + 1)))
        .hasMessageContaining("at most 1048576 bytes")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }

  @Test
  @DisplayName("L18 a lease lasts 1 ms to 365 days")
  void leases() {
    assertThat(Limits.lease("leaseDuration", Duration.ofMillis(1))).isEqualTo(Duration.ofMillis(1));
    assertThat(Limits.lease("leaseDuration", Duration.ofDays(365))).isEqualTo(Duration.ofDays(365));
    refused(
        () -> Limits.lease("leaseDuration", Duration.ofNanos(999_999)),
        "leaseDuration must be PT0.001S to PT8760H");
    refused(
        () -> Limits.lease("leaseDuration", Duration.ofDays(365).plusNanos(1)),
        "was PT8760H0.000000001S");
    refused(() -> Limits.lease("leaseDuration", Duration.ZERO), "was PT0S");
    refused(
        () -> Limits.lease("leaseDuration", Duration.ofSeconds(Long.MAX_VALUE)),
        "leaseDuration must be");
    refused(() -> Limits.lease("leaseDuration", null), "leaseDuration must not be null");
  }

  @Test
  @DisplayName("Q34 the delay of a settlement is brought into its range")
  void delays() {
    assertThat(Limits.clampedDelay("delay", Duration.ofSeconds(-1))).isZero();
    assertThat(Limits.clampedDelay("delay", Duration.ofSeconds(Long.MAX_VALUE)))
        .isEqualTo(Limits.MAX_DELAY);
    refused(() -> Limits.delay("keep", Duration.ofSeconds(-1)), "keep must be PT0S to PT87600H");
  }

  @Test
  @DisplayName("Q33 any error text can be stored")
  void errorTexts() {
    assertThat(Limits.errorText(null)).isEmpty();
    assertThat(Limits.errorText("a\0b\uD83Dc\uDE00")).isEqualTo("a\uFFFDb\uFFFDc\uFFFD");
    assertThat(Limits.errorText("ok 😀")).isEqualTo("ok 😀");
    String cut = Limits.errorText("😀".repeat(5_000_000));
    assertThat(cut).hasSize(Limits.MAX_ERROR_CHARS).endsWith("… (cut, 10000000 characters)");
    assertThat(Limits.text("error", cut)).isSameAs(cut);
  }

  @Test
  @DisplayName("Q09 a batch has at most 1000 elements, none of them null")
  void batches() {
    assertThat(Limits.batch("jobs", List.of())).isEmpty();
    refused(
        () -> Limits.batch("jobs", Collections.nCopies(1_001, "x")),
        "at most 1000 in one call, were 1001");
    refused(() -> Limits.batch("jobs", Arrays.asList("x", null)), "jobs[1] must not be null");
  }

  @Test
  @DisplayName("Q09 a job is checked when it is made")
  void jobs() {
    NewJob job = NewJob.builder("q", "1", "t", "p").build();
    assertThat(job.priority()).isEqualTo(5);
    assertThat(job.maxCrashes()).isEqualTo(3);
    assertThat(job.due()).isEqualTo(Due.now());

    refused(
        () -> NewJob.builder("q", "1", "t", "p").priority(10).build(),
        "priority must be 0 to 9, was 10");
    refused(
        () -> NewJob.builder("q", "1", "t", "p").maxCrashes(0).build(),
        "maxCrashes must be 1 to 2147483647, was 0");
    refused(
        () -> NewJob.builder("q", "1", "t", "p").dedupKey(" ").build(),
        "dedup key must not be blank");
    refused(
        () -> NewJob.builder("q", "1", "t", "p").headers(Map.of("k", "x".repeat(1_001))).build(),
        "header \"k\" must be at most 1000 bytes");
    refused(
        () -> NewJob.builder("q", "1", "t", "p").keep(Duration.ofDays(3_651)).build(),
        "keep must be");
    refused(
        () -> NewJob.builder("q", "1", "t", "p").maxFailures(0).build(),
        "maxFailures must be 1 to 2147483647, was 0");
    refused(
        () -> NewJob.builder("q", "1", "t", "p").dedupFor(Duration.ofHours(1)).build(),
        "dedupFor needs a dedup key: set dedupKey, or leave dedupFor out, was PT1H");
    refused(
        () ->
            NewJob.builder("q", "1", "t", "p")
                .dedupKey("k")
                .dedupFor(Duration.ofDays(3_651))
                .build(),
        "dedupFor must be");
    refused(() -> NewJob.builder("q", "1", "t", "p").key("").build(), "key must not be blank");
  }

  @Test
  @DisplayName("Q09 a deadline before the due time is refused, where the two can be compared")
  void deadlines() {
    Duration hour = Duration.ofHours(1);
    Instant instant = Instant.parse("2026-01-01T00:00:00Z");
    NewJob.Builder job = NewJob.builder("q", "1", "t", "p");
    refused(
        () -> job.due(Due.after(hour)).notAfter(Due.after(hour.minusMillis(1))).build(),
        "notAfter must not be before the due time, was in PT59M59.999S, and the job is due in PT1H");
    refused(
        () -> job.due(Due.at(instant)).notAfter(Due.at(instant.minusMillis(1))).build(),
        "notAfter must not be before the due time, was at 2025-12-31T23:59:59.999Z, and the job is due at 2026-01-01T00:00:00Z");
    refused(
        () -> JobChange.builder().due(Due.after(hour)).notAfter(Due.now()).build(),
        "notAfter must not be before the due time");
    assertThat(job.due(Due.after(hour)).notAfter(Due.after(hour)).build().notAfter())
        .isEqualTo(Due.after(hour));
    assertThat(job.notAfter(Due.at(instant)).build().notAfter()).isEqualTo(Due.at(instant));
  }

  @Test
  @DisplayName("the place of a lease is short, and makes another lease")
  void place() {
    JobLease lease = JobLease.of("q", "1", "w", 1, Instant.EPOCH);
    refused(() -> lease.withPlace("x".repeat(201)), "place must be at most 200 bytes");
    refused(() -> lease.withPlace("\0"), "place must not contain U+0000");
    assertThat(lease.withPlace("a")).isNotEqualTo(lease).isEqualTo(lease.withPlace("a"));
    assertThat(lease.withPlace("a").withPlace(null)).isEqualTo(lease);
  }

  @Test
  @DisplayName("Q10 Q14 a due instant lies in 1970 to 2200, and is never rounded down")
  void due() {
    Instant instant = Instant.parse("2026-01-01T00:00:00.000000001Z");
    assertThat(Due.at(instant)).isEqualTo(Due.at(Instant.parse("2026-01-01T00:00:00.001Z")));
    refused(
        () -> Due.at(Instant.MAX), "due time must be 1970-01-01T00:00:00Z to 2200-01-01T00:00:00Z");
    refused(() -> Due.at(Instant.MIN), "due time must be");
    refused(() -> Due.after(Duration.ofSeconds(-1)), "delay must be");
  }

  private static void refused(Runnable call, String rule) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(rule);
  }
}
