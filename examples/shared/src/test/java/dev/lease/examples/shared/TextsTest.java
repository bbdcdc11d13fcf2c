package dev.lease.examples.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {

  @Test
  void whatATerminalWouldActOnIsShownByItsNumber() {
    assertThat(Texts.lines("one\r\n\ttw\u001bo")).containsExactly("one", "    tw\\u001Bo");
  }

  @Test
  void aLongTextIsCutBetweenCharacters() {
    String tea = "\ud83c\udf75";
    assertThat(Texts.error("\n  \nfirst\nsecond", 60)).isEqualTo("first");
    assertThat(Texts.error(tea.repeat(5), 5)).isEqualTo(tea.repeat(5));
    assertThat(Texts.error(tea.repeat(6), 5)).isEqualTo(tea.repeat(4) + "…");
    assertThat(Texts.error(null, 5)).isEqualTo("-");
    assertThat(Texts.error("", 5)).isEqualTo("-");
    assertThat(Texts.error("java.lang.IllegalStateException: a.B", 60))
        .isEqualTo("IllegalStateException: a.B");
  }

  @Test
  void aTextThatIsNoErrorIsOnlyCut() {
    assertThat(Texts.cut("org.acme.Billing leads", 60)).isEqualTo("org.acme.Billing leads");
    assertThat(Texts.cut("\nsecond", 60)).isEqualTo("\nsecond");
    assertThat(Texts.cut("second", 4)).isEqualTo("sec…");
    assertThat(Texts.cut(null, 4)).isEqualTo("-");
    assertThat(Texts.cut("", 4)).isEqualTo("-");
  }

  @Test
  void aTableIsAligned() {
    assertThat(new Table("A", "LONG", "B").row("xyz", 7, "b\n").row("x", 10, "-"))
        .hasToString("A    LONG  B\nxyz     7  b\\u000A\nx      10  -\n");
    assertThat(new Table("A")).hasToString("A\n(none)\n");
  }

  @Test
  void onlyTheTextsOfATableAreCutFromTheRight() {
    Table table =
        new Table("NAME", "N", "NOW", "ERROR")
            .texts("NOW", "ERROR")
            .row("a long name", 7, "held by w", "it rained")
            .row("b", 7, "-", "");
    assertThat(table.within(36)).isEqualTo(table.toString());
    assertThat(table.within(35))
        .isEqualTo(
            """
            NAME         N  NOW        ERROR
            a long name  7  held by w  it rain…
            b            7  -
            """);
    for (int width : new int[] {29, 1}) {
      assertThat(table.within(width).lines().toList().get(1))
          .isEqualTo(width == 29 ? "a long name  7  held …  it r…" : "a long name  7  he…  it r…");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PT0.9S, 0s",
    "PT59S, 59s",
    "PT61S, 1m 1s",
    "PT2H, 2h",
    "P3DT4H, 3d 4h",
    "PT-5S, -5s"
  })
  void anAgeHasTwoUnits(Duration age, String shown) {
    assertThat(Durations.shown(age)).isEqualTo(shown);
  }
}
