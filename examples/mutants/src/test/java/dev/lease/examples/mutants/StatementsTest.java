package dev.lease.examples.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StatementsTest {

  private static final String FILE =
      """
      -- The head; with a semicolon.
      select 1
      from one;

      -- Behind it.
      select 2
      """;

  @Test
  @DisplayName("each statement of a file says its number")
  void probes() {
    assertThat(new Statements(FILE).withProbes("some.sql"))
        .isEqualTo(
            """
            -- The head; with a semicolon.
            select 1
            from one /* reached some.sql 1 */;

            -- Behind it.
            select 2 /* reached some.sql 2 */
            """);
  }

  @Test
  @DisplayName("a change is in its statement, also one at its end")
  void changes() {
    assertThat(statementOf("select 1", "select 3")).isEqualTo(1);
    assertThat(statementOf("from one", "")).isEqualTo(1);
    assertThat(statementOf("one", "")).isEqualTo(1);
    assertThat(statementOf("select 2", "select 3")).isEqualTo(2);
    assertThat(statementOf("2", "2 limit 1")).isEqualTo(2);
  }

  private static int statementOf(String part, String replacement) {
    return new Statements(FILE).changedIn(FILE.replace(part, replacement));
  }
}
