package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.examples.shared.StoreName;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class DemoIT {

  @TempDir private Path directory;

  @Test
  void itEndsWellAndTellsOfTheKillAndTheTakeover() throws Exception {
    StoreName name = new StoreName("sqlite:" + directory.resolve("orders.db"));
    Path picture = directory.resolve("demo.svg");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Store store = Store.open(name)) {
      Story story = new Story(new PrintStream(out, true, StandardCharsets.UTF_8));

      assertThat(new Demo(OrderBot.class, directory, name, store, story, picture).run()).isTrue();
    }
    assertThat(picture)
        .content()
        .contains("worker-1 is killed with SIGKILL", "worker-2 places the order", ">order-17<")
        .endsWith("</svg>\n");
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("is killed with SIGKILL", " over: the lease has expired; attempt 2")
        .contains("extends its lease of order-17 from ", "all orders are placed")
        .containsPattern("in the book +20")
        .containsPattern("doubled +0")
        .containsPattern("lost +0");
  }
}
