package dev.lease.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class Utf8Test {

  @Test
  @DisplayName("names have the order of their bytes")
  void order() {
    List<String> texts = new ArrayList<>(Texts.ALIKE);
    texts.addAll(Texts.LONG);
    for (String a : texts) {
      for (String b : texts) {
        assertThat(Integer.signum(Utf8.ORDER.compare(a, b)))
            .as("%s beside %s", a, b)
            .isEqualTo(
                Integer.signum(Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8))));
      }
    }
  }
}
