package dev.lease;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NameRangeTest {

  private static final String LAST = Character.toString(Character.MAX_CODE_POINT);

  private static final List<String> NAMES =
      List.of(
          "\u0001",
          "a",
          "a\u0001",
          "a%",
          "aa",
          "ab",
          "a～",
          "a😀",
          "a" + LAST,
          "a" + LAST.repeat(49),
          "b",
          LAST,
          LAST.repeat(50));

  private static int compare(String one, String other) {
    return Arrays.compareUnsigned(one.getBytes(UTF_8), other.getBytes(UTF_8));
  }

  private static boolean contains(NameRange range, String name) {
    return compare(range.from(), name) <= 0 && compare(name, range.end()) < 0;
  }

  private static void assertContains(String prefix, @Nullable String after, String... names) {
    NameRange range = NameRange.of(prefix, after);
    assertThat(NAMES).filteredOn(name -> contains(range, name)).containsExactly(names);
    assertThat(compare(range.from(), range.end())).isLessThanOrEqualTo(0);
  }

  @Test
  @DisplayName("L33 a range has the names with the prefix, the greatest too, and no others")
  void prefixes() {
    for (String prefix : NAMES) {
      assertContains(
          prefix, null, NAMES.stream().filter(it -> it.startsWith(prefix)).toArray(String[]::new));
    }
    assertContains("", null, NAMES.toArray(String[]::new));
    assertContains("c", null);
  }

  @Test
  @DisplayName("L33 a range begins after a name, wherever that is")
  void after() {
    for (int i = 0; i < NAMES.size(); i++) {
      assertContains("", NAMES.get(i), NAMES.subList(i + 1, NAMES.size()).toArray(String[]::new));
    }
    assertContains("aa", "a", "aa");
    assertContains("a", "b");
    assertContains("a", "a%a", "aa", "ab", "a～", "a😀", "a" + LAST, "a" + LAST.repeat(49));
  }

  @Test
  @DisplayName("L33 bad prefixes and names are refused, and an empty prefix is not")
  void refused() {
    for (String bad : List.of("x".repeat(201), "a\u0000", "\uD83D")) {
      assertThatThrownBy(() -> NameRange.of(bad, null)).hasMessageStartingWith("prefix must");
      assertThatThrownBy(() -> NameRange.of("", bad)).hasMessageStartingWith("after must");
    }
    assertThatThrownBy(() -> NameRange.of("", "")).hasMessageStartingWith("after must");
  }
}
