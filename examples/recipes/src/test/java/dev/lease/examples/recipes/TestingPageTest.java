package dev.lease.examples.recipes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page about tests of handlers quotes a test that runs. */
class TestingPageTest {

  @Test
  void quotesTheTest() throws IOException {
    String source =
        Files.readString(
            Path.of("src/test/java/dev/lease/examples/recipes/PlaceOrderTest.java"), UTF_8);

    assertThat(Files.readString(Path.of("../../lease-worker/docs/testing.md"), UTF_8))
        .contains("```java\n" + source.substring(source.indexOf("class PlaceOrderTest")) + "```");
  }
}
