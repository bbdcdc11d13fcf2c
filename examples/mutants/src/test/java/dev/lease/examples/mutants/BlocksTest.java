package dev.lease.examples.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BlocksTest {

  private static final String SCRIPT =
      """
      -- The head.
      local limit = f(1)
      local function take(one, other)
        while #one < limit do
          if one then
            a()
          elseif other then
            b()
          else
            c()
          end
          d()
        end
        e()
      end
      take(1, 2)
      """;

  @Test
  @DisplayName("a function, a loop and a branch say that they are reached, behind the head")
  void probes() {
    assertThat(new Blocks(SCRIPT).withProbes("lib/some.lua"))
        .startsWith("-- The head.\nlocal reached = {}")
        .contains("'lib/some.lua '", "reach(0)\nlocal limit = f(1)\n")
        .contains("local function take(one, other) reach(1) \n")
        .contains("do reach(2) \n", "if one then reach(3) \n", "elseif other then reach(4) \n")
        .contains("else reach(5) \n", "    end\n    d()\n  end\n  e()\nend\ntake(1, 2)\n");
  }

  @Test
  @DisplayName("a change is in the innermost block; a condition is in that around its branch")
  void changes() {
    assertThat(blockOf("f(1)", "f(2)")).isZero();
    assertThat(blockOf("#one <", "#one <=")).isEqualTo(1);
    assertThat(blockOf("if one", "if not one")).isEqualTo(2);
    assertThat(blockOf("a()", "")).isEqualTo(3);
    assertThat(blockOf("elseif other", "elseif not other")).isEqualTo(2);
    assertThat(blockOf("b()", "")).isEqualTo(4);
    assertThat(blockOf("c()", "")).isEqualTo(5);
    assertThat(blockOf("d()", "")).isEqualTo(2);
    assertThat(blockOf("e()", "")).isEqualTo(1);
    assertThat(blockOf("take(1, 2)", "take(2, 1)")).isZero();
  }

  private static int blockOf(String part, String replacement) {
    return new Blocks(SCRIPT).changedIn(SCRIPT.replace(part, replacement));
  }
}
