package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphTest {

  private static final Pattern NEXT = Pattern.compile("href=\"([^\"]*after=[^\"]*)\"");

  @TempDir Path folder;

  private static NewJob job(String queue, String id) {
    return NewJob.builder(queue, id, "mail", "sesame").build();
  }

  private static void add(TestConsole test, GraphPiece piece) {
    assertThat(test.backend().jobGraphs().add(piece)).isEqualTo(GraphAnswer.stored());
  }

  @Test
  @DisplayName("a job leads to its graph: parts, how far they are, and what waits for what")
  void graph() {
    try (TestConsole test = TestConsole.open(folder)) {
      add(
          test,
          GraphPiece.builder("orders", "order-1")
              .part(GraphPart.of("charge"))
              .part(GraphPart.of("ship").after("charge", OnFailure.CANCEL))
              .part(
                  GraphPart.of("tell")
                      .after("charge", OnFailure.RUN)
                      .after("ship", OnFailure.IGNORE))
              .job("charge", job("orders", "charge-1"))
              .job("charge", job("orders", "charge-2"))
              .job("ship", job("orders", "ship-1"))
              .job("tell", job("orders", "tell-1"))
              .last(3, 4)
              .build());
      test.settle(Settlement.failed(test.claim("orders", "w"), "no money"));
      String path = "/graph?queue=orders&graph=order-1";
      assertThat(test.get("/job?queue=orders&id=ship-1").body())
          .contains(path.replace("&", "&amp;"), "waits for other parts");
      assertThat(test.get(path).body())
          .containsSubsequence(
              "Graph order-1",
              "4: 0 done, 1 failed, 0 cancelled, 3 left",
              ">charge</a>",
              ">RUNNING<",
              ">2<",
              ">ship</a>",
              ">WAITING<",
              ">charge</td>",
              ">tell</a>",
              "charge (runs if it fails), ship (ignores its failures)")
          .doesNotContain("Go on");
      assertThat(test.get("/graph/part?queue=orders&graph=order-1&part=charge").body())
          .contains(path.replace("&", "&amp;"), ">charge-1<", ">charge-2<", "no money")
          .doesNotContain("sesame", "ship-1");
      assertThat(test.get("/graph?queue=orders&graph=order-2").status()).isEqualTo(404);
      assertThat(test.get("/graph?queue=orders").status()).isEqualTo(400);
    }
  }

  @Test
  @DisplayName(
      "a page has 100 parts, 20 of what each waits for, or 20 jobs of a part; then it goes on")
  void bounded() {
    try (TestConsole test = TestConsole.open(folder)) {
      GraphPiece.Builder piece = GraphPiece.builder("orders", "wide");
      GraphPart last = GraphPart.of("last");
      for (int i = 0; i < 129; i++) {
        piece.part(GraphPart.of("part-" + i));
        last = last.after("part-" + i, OnFailure.RUN);
      }
      piece.part(last);
      for (int i = 0; i < 30; i++) {
        piece.job("last", job("orders", "job-" + i));
      }
      add(test, piece.last(130, 30).build());
      assertThat(pages(test, "/graph?queue=orders&graph=wide", "part=([^\"&]*)\">"))
          .hasSize(130)
          .endsWith("last");
      assertThat(pages(test, "/graph/part?queue=orders&graph=wide&part=last", ";id=([^\"]*)\">"))
          .hasSize(30)
          .contains("job-29");
      assertThat(test.get("/graph?queue=orders&graph=wide&after=part-128").body())
          .contains("part-19 (runs if it fails) and 109 others");
    }
  }

  /** What two pages have. */
  private static List<String> pages(TestConsole test, String path, String what) {
    String first = test.get(path).body();
    Matcher link = NEXT.matcher(first);
    assertThat(link.find()).isTrue();
    String second = test.get(link.group(1).replace("&amp;", "&")).body();
    assertThat(second).doesNotContain("Go on");
    List<String> found = new ArrayList<>();
    for (String page : List.of(first, second)) {
      Pattern.compile(what).matcher(page).results().forEach(each -> found.add(each.group(1)));
    }
    return found;
  }

  @Test
  @DisplayName("a store without graphs says so")
  void bare() {
    try (TestConsole test = TestConsole.open(folder);
        Console console = Console.on(new Bare(test.backend())).start()) {
      Http.Answer answer = new Http(URI.create(console.url())).get("/graph?queue=q&graph=g");
      assertThat(answer.status()).isEqualTo(501);
      assertThat(answer.body()).contains("graphs of jobs");
    }
  }
}
