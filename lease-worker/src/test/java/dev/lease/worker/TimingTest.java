package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Limits;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The instants of schedules. In Berlin and New York the clocks change on different days. */
class TimingTest {

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  private static List<Instant> firings(Timing timing, String after, int count) {
    List<Instant> firings = new ArrayList<>();
    Instant at = OffsetDateTime.parse(after).toInstant();
    for (int i = 0; i < count; i++) {
      at = timing.next(at);
      firings.add(at);
    }
    return firings;
  }

  private static void fires(Timing timing, String after, String... expected) {
    List<Instant> instants = new ArrayList<>();
    for (String text : expected) {
      instants.add(OffsetDateTime.parse(text).toInstant());
    }
    assertThat(firings(timing, after, expected.length)).isEqualTo(instants);
  }

  @Test
  @DisplayName("spring: a local time that the clocks skip comes at the change, once")
  void gap() {
    fires(
        Timing.cron("30 2 * * *", BERLIN),
        "2026-03-28T00:00+01:00",
        "2026-03-28T02:30+01:00",
        "2026-03-29T03:00+02:00",
        "2026-03-30T02:30+02:00");
    fires(
        Timing.cron("0,30 2,3 * * *", BERLIN),
        "2026-03-29T00:00+01:00",
        "2026-03-29T03:00+02:00",
        "2026-03-29T03:30+02:00",
        "2026-03-30T02:00+02:00");
    fires(
        Timing.cron("30 2 * * *", NEW_YORK),
        "2026-03-07T12:00-05:00",
        "2026-03-08T03:00-04:00",
        "2026-03-09T02:30-04:00");
  }

  @Test
  @DisplayName("two fields of days: as crontab and Spring take them")
  void bothFieldsOfDays() {
    ZoneId utc = ZoneId.of("UTC");
    fires(
        Timing.cron("0 12 1 * 1", utc),
        "2026-11-25T00:00Z",
        "2026-11-30T12:00Z",
        "2026-12-01T12:00Z",
        "2026-12-07T12:00Z");
    fires(
        Timing.cron("0 12 */2 * 1", utc),
        "2026-11-01T00:00Z",
        "2026-11-09T12:00Z",
        "2026-11-23T12:00Z",
        "2026-12-07T12:00Z");
    fires(
        Timing.cron("0 12 13 * */2", utc),
        "2026-11-01T00:00Z",
        "2026-12-13T12:00Z",
        "2027-02-13T12:00Z");
    fires(
        Timing.cron("0 0 12 13 * FRI", utc),
        "2026-11-01T00:00Z",
        "2026-11-13T12:00Z",
        "2027-08-13T12:00Z");
  }

  @Test
  @DisplayName("autumn: a local time that the clocks show twice counts the first time")
  void overlap() {
    fires(
        Timing.cron("30 2 * * *", BERLIN),
        "2026-10-24T12:00+02:00",
        "2026-10-25T02:30+02:00",
        "2026-10-26T02:30+01:00");
    fires(
        Timing.cron("30 1 * * *", NEW_YORK),
        "2026-10-31T12:00-04:00",
        "2026-11-01T01:30-04:00",
        "2026-11-02T01:30-05:00");
    // From the hour that is shown the second time.
    fires(Timing.cron("30 2 * * *", BERLIN), "2026-10-25T02:10+01:00", "2026-10-26T02:30+01:00");
  }

  @Test
  @DisplayName("an hour field of * means each hour that passes")
  void everyHour() {
    fires(
        Timing.cron("0 * * * *", BERLIN),
        "2026-03-29T00:30+01:00",
        "2026-03-29T01:00+01:00",
        "2026-03-29T03:00+02:00",
        "2026-03-29T04:00+02:00");
    fires(
        Timing.cron("*/30 * * * *", NEW_YORK),
        "2026-11-01T00:45-04:00",
        "2026-11-01T01:00-04:00",
        "2026-11-01T01:30-04:00",
        "2026-11-01T01:00-05:00",
        "2026-11-01T01:30-05:00",
        "2026-11-01T02:00-05:00");
  }

  @Test
  @DisplayName("an hour field with a step means local times, like one that names hours")
  void everySecondHour() {
    fires(
        Timing.cron("30 */2 * * *", BERLIN),
        "2026-03-29T00:00+01:00",
        "2026-03-29T00:30+01:00",
        "2026-03-29T03:00+02:00",
        "2026-03-29T04:30+02:00");
    fires(
        Timing.cron("30 */2 * * *", BERLIN),
        "2026-10-25T00:00+02:00",
        "2026-10-25T00:30+02:00",
        "2026-10-25T02:30+02:00",
        "2026-10-25T04:30+01:00");
  }

  @Tag("slow")
  @Test
  @DisplayName("in a whole year, a nightly time comes once a day, and an hourly one every hour")
  void year() {
    for (ZoneId zone : List.of(BERLIN, NEW_YORK, ZoneId.of("Australia/Lord_Howe"))) {
      List<Instant> nights = firings(Timing.cron("30 2 * * *", zone), "2026-01-01T12:00Z", 365);
      assertThat(nights.stream().map(night -> night.atZone(zone).toLocalDate()).distinct())
          .hasSize(365);
      List<Instant> hours = firings(Timing.cron("*/30 * * * *", zone), "2026-01-01T00:00Z", 17_520);
      for (int i = 0; i < hours.size(); i++) {
        assertThat(hours.get(i))
            .isEqualTo(Instant.parse("2026-01-01T00:30:00Z").plusSeconds(1_800L * i));
      }
    }
  }

  @Test
  @DisplayName("ends of months, leap days, days of the week, seconds")
  void days() {
    ZoneId utc = ZoneId.of("UTC");
    fires(
        Timing.cron("0 0 31 * *", utc),
        "2026-01-31T00:00Z",
        "2026-03-31T00:00Z",
        "2026-05-31T00:00Z");
    fires(Timing.cron("0 0 29 2 *", utc), "2026-01-01T00:00Z", "2028-02-29T00:00Z");
    fires(
        Timing.cron("0 9 * * MON-FRI", utc),
        "2026-11-26T09:00Z",
        "2026-11-27T09:00Z",
        "2026-11-30T09:00Z");
    fires(
        Timing.cron("0 0 0 L * *", utc),
        "2026-01-31T00:00Z",
        "2026-02-28T00:00Z",
        "2026-03-31T00:00Z");
    fires(
        Timing.cron("*/20 * * * * *", utc),
        "2026-01-01T00:00:39.5Z",
        "2026-01-01T00:00:40Z",
        "2026-01-01T00:01Z");
  }

  @Test
  @DisplayName("a rate counts from 1970, whoever asks")
  void rate() {
    fires(
        Timing.every(Duration.ofMinutes(15)),
        "2026-01-01T00:07Z",
        "2026-01-01T00:15Z",
        "2026-01-01T00:30Z");
    fires(Timing.every(Duration.ofDays(1)), "2026-01-01T00:00Z", "2026-01-02T00:00Z");
  }

  @Test
  @DisplayName("a long job is seldom looked at, however short the delay after it is")
  void untilLook() {
    Timing after = Timing.afterDelay(Duration.ofMillis(100));
    assertThat(after.untilLook(Duration.ZERO)).hasMillis(10);
    assertThat(after.untilLook(Duration.ofMillis(100))).hasMillis(10);
    assertThat(after.untilLook(Duration.ofSeconds(2))).hasMillis(200);
    assertThat(after.untilLook(Duration.ofHours(1))).hasSeconds(5);
    assertThat(Timing.afterDelay(Duration.ofDays(1)).untilLook(Duration.ZERO)).hasSeconds(5);
  }

  @Test
  @DisplayName("the last of many is found without going through all")
  void last() {
    Timing seconds = Timing.cron("* * * * * *", BERLIN);
    Instant now = Instant.parse("2026-01-01T00:00:00.5Z");
    assertThat(seconds.last(Instant.parse("1990-01-01T00:00:00Z"), now))
        .isEqualTo("2026-01-01T00:00:00Z");
    Timing leapDays = Timing.cron("0 0 29 2 *", ZoneId.of("UTC"));
    Instant first = Instant.parse("2016-02-29T00:00:00Z");
    assertThat(leapDays.last(first, now)).isEqualTo("2024-02-29T00:00:00Z");
    assertThat(leapDays.last(first, Instant.parse("2020-02-28T00:00:00Z"))).isEqualTo(first);
    assertThat(leapDays.last(first, first)).isEqualTo(first);
  }

  @Test
  @DisplayName("what is stored is read again")
  void text() {
    for (Timing timing :
        List.of(
            Timing.cron("0 2 * * *", BERLIN),
            Timing.every(Duration.ofMillis(1_500)),
            Timing.afterDelay(Duration.ofHours(1)))) {
      Timing read = Timing.parse(timing.text());
      Instant now = Instant.parse("2026-01-01T00:00:00Z");
      assertThat(read.text()).isEqualTo(timing.text());
      assertThat(read.next(now)).isEqualTo(timing.next(now));
      assertThat(read.afterLast()).isEqualTo(timing.afterLast());
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Timing.parse("when the moon is full"));
  }

  @Test
  @DisplayName("Y19 the words of crontab are times")
  void words() {
    Instant now = Instant.parse("2026-01-01T00:30:00Z");
    Map.of(
            "@hourly", "2026-01-01T01:00:00Z",
            "@daily", "2026-01-02T00:00:00Z",
            "@midnight", "2026-01-02T00:00:00Z",
            "@weekly", "2026-01-04T00:00:00Z",
            "@monthly", "2026-02-01T00:00:00Z",
            "@yearly", "2027-01-01T00:00:00Z",
            "@annually", "2027-01-01T00:00:00Z")
        .forEach(
            (word, next) -> {
              Timing timing = Timing.cron(word, ZoneId.of("UTC"));
              assertThat(timing.next(now)).as(word).isEqualTo(next);
              assertThat(Timing.parse(timing.text()).next(now)).as(word).isEqualTo(next);
            });
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Timing.cron("0 0 2 * * * 2026", BERLIN))
        .withMessageContaining("it must have five fields as in crontab")
        .withMessageEndingWith("it has 7");
  }

  @Test
  @DisplayName("what cannot be is refused, with the text and the reason")
  void refused() {
    for (String expression :
        List.of(
            "61 * * * *",
            "0 2 * *",
            "",
            "nightly",
            "0 0 30 2 *",
            "0 0 0 15W * SAT",
            "0 0 0 30 * MON#1")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Timing.cron(expression, BERLIN))
          .withMessageContaining("cron expression \"" + expression + "\" is refused: ");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Timing.every(Duration.ZERO))
        .withMessageContaining("period");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Schedule.every("n".repeat(121), WorkerFixture.TEXT, "", Duration.ofDays(1)))
        .withMessageContaining("120 bytes");
  }

  @Test
  @DisplayName("without cron-utils, rates work, and cron names the artifact that is missing")
  void withoutCronUtils() throws Exception {
    URL[] ours = {placeOf(Schedule.class), placeOf(Limits.class)};
    try (var loader = new URLClassLoader(ours, ClassLoader.getPlatformClassLoader())) {
      Class<?> timing = loader.loadClass(Timing.class.getName());
      Method every = timing.getDeclaredMethod("every", Duration.class);
      every.setAccessible(true);
      assertThat(every.invoke(null, Duration.ofHours(1))).hasToString("every PT1H");
      Method cron = timing.getDeclaredMethod("cron", String.class, ZoneId.class);
      cron.setAccessible(true);
      assertThatThrownBy(() -> cron.invoke(null, "0 2 * * *", BERLIN))
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("com.cronutils:cron-utils");
    }
  }

  private static URL placeOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
