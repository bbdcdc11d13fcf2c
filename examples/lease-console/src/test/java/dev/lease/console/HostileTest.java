package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.JobLease;
import dev.lease.KeyLimit;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever stands in a store or in a link is text on a page. */
class HostileTest {

  private static final String EVIL =
      "\"'><script>alert(1)</script><img src=x onerror=alert(2)>\u202e&amp;";

  @TempDir Path folder;

  /** Puts it wherever a store takes a text. */
  static void fill(TestConsole test, String evil) {
    test.backend().admission().limit("q" + evil, null, KeyLimit.of(1));
    for (String id : List.of("i", "j")) {
      test.enqueue(
          NewJob.builder("q" + evil, id + evil, "t" + evil, evil)
              .key("k" + evil)
              .headers(Map.of("h" + evil, evil))
              .build());
    }
    test.enqueue(
        NewJob.builder("q" + evil, "d" + evil, "t", evil).dedupKey("d" + evil).priority(9).build());
    test.settle(Settlement.failed(test.claim("q" + evil, "w" + evil), evil + "\n" + evil));
    for (String state : List.of("failed", "done", "held")) {
      test.enqueue(NewJob.builder("s" + evil, state + evil, "t" + evil, evil).build());
      JobLease lease = test.claim("s" + evil, "w" + evil);
      test.backend().jobQueue().progress(lease, Progress.of(50, evil));
      if (state.equals("failed")) {
        test.settle(Settlement.failed(lease, evil));
      } else if (state.equals("done")) {
        test.settle(Settlement.done(lease, evil));
      }
    }
    test.backend()
        .jobGraphs()
        .add(
            GraphPiece.builder("g" + evil, "G" + evil)
                .part(GraphPart.of("p" + evil))
                .part(GraphPart.of("P" + evil).after("p" + evil, OnFailure.RUN))
                .job(
                    "p" + evil, NewJob.builder("g" + evil, "part" + evil, "t" + evil, evil).build())
                .job(
                    "P" + evil, NewJob.builder("g" + evil, "next" + evil, "t" + evil, evil).build())
                .last(2, 2)
                .build());
    JobLease part = test.claim("g" + evil, "w" + evil);
    assertThat(test.backend().jobQueue().checkpoint(part, "step" + evil, evil)).isPresent();
    test.settle(Settlement.failed(part, evil));
    LeaseStore leases = test.backend().leaseStore();
    leases.acquire("l" + evil, "o" + evil, Duration.ofHours(1), evil);
    leases.acquire(
        "lease.worker/" + evil,
        "o" + evil,
        Duration.ofSeconds(30),
        ("{'host':'HOST','version':'HOST','slots':8,'status':'DOWN','reasons':['HOST'],'minute':1,"
                + "'queues':[],'stuck':1,'stuckJobs':[{'queue':'HOST','id':'HOST','type':'HOST',"
                + "'place':'HOST'}]}")
            .replace('\'', '"')
            .replace("HOST", evil.replace("\"", "\\\"")));
  }

  @Test
  @DisplayName("hostile names, errors, payloads, headers and parameters are text on each page")
  void isText() {
    Viewer viewer = Viewer.of("v" + EVIL, Access.CHANGE).withPayloads();
    try (TestConsole test =
        TestConsole.open(folder, all -> all.showPayloads().access(any -> Optional.of(viewer)))) {
      fill(test, EVIL);
      Map<String, String> job = Map.of("queue", "q" + EVIL, "id", "d" + EVIL, "reason", "r" + EVIL);
      assertThat(test.act("/job/retry", job).status()).isEqualTo(303);
      String evil = TestConsole.encoded(EVIL);
      List<String> paths = new ArrayList<>();
      for (Route route : test.routes()) {
        if (route.method().equals("GET")) {
          paths.add(route.path());
          for (String name :
              List.of(
                  "queue",
                  "id",
                  "state",
                  "type",
                  "error",
                  "after",
                  "since",
                  "prefix",
                  "did",
                  "act",
                  "worker",
                  "dueSince",
                  "payload",
                  "graph",
                  "part")) {
            paths.add(route.path() + "?" + name + "=" + evil);
          }
          for (String id : List.of("i", "j", "d")) {
            paths.add(route.path() + "?state=any&queue=q" + evil + "&id=" + id + evil);
          }
        }
      }
      paths.add("/bulk?act=RETRY&spread=" + evil);
      paths.add("/bulk?act=DELETE&state=any&error=script&spread=" + evil + "&queue=q" + evil);
      for (String state : List.of("failed", "done", "held")) {
        paths.add("/job?queue=s" + evil + "&id=" + state + evil);
      }
      paths.add("/jobs?state=any&queue=s" + evil);
      String graph = "?queue=g" + evil + "&graph=G" + evil;
      paths.add("/graph" + graph);
      for (String part : List.of("p", "P")) {
        paths.add("/graph" + graph + "&after=" + part + evil);
        paths.add("/graph/part" + graph + "&part=" + part + evil);
      }
      for (String id : List.of("part", "next")) {
        paths.add("/job?queue=g" + evil + "&id=" + id + evil);
      }
      paths.add("/bulk?act=RETRY&queue=s" + evil);
      Map<String, String> many =
          Map.of(
              "act", "CANCEL", "queue", "s" + EVIL, "counted", "9", "reason", "r", "state", "any");
      paths.add(test.act("/bulk/start", many).location());
      for (String path : paths) {
        check(path, test.get(path).body());
      }
      assertThat(test.get("/").body()).contains("q\"'&gt;&lt;script&gt;alert(1)");
      assertThat(test.get("/workers").body())
          .contains("DOWN", "Stuck slots", "<pre>\"'&gt;&lt;script&gt;");
      assertThat(test.get("/leases").body()).contains("l\"'&gt;&lt;script&gt;alert(1)");
      assertThat(test.get("/actions").body()).contains("r\"'&gt;&lt;script&gt;alert(1)");
      assertThat(test.get(TestConsole.link("q" + EVIL, "i" + EVIL)).body())
          .contains("h\"'&gt;&lt;script&gt;", "\\u202E");
      assertThat(test.get("/job?queue=g" + evil + "&id=part" + evil).body())
          .contains("Step step\"'&gt;&lt;script&gt;", ">G\"'&gt;&lt;script&gt;");
      assertThat(test.get("/graph" + graph).body())
          .contains("<td class=\"long\" data-label=\"Waits for\">p\"'&gt;&lt;script&gt;");
      assertThat(test.get("/graph/part" + graph + "&part=p" + evil).body())
          .contains(">part\"'&gt;&lt;script&gt;");
      assertThat(test.get("/queue?queue=q" + evil).body()).contains("k\"'&gt;&lt;script&gt;");
    }
  }

  private static void check(String path, String body) {
    assertThat(body)
        .as(path)
        .doesNotContain("<script>alert", "<img", "q\"'>", "=\"\"'")
        .doesNotContainPattern("=\"[^\"]*\"'");
    // A field has the name as it is, or it would be another one when the form is sent.
    assertThat(body.replaceAll("value=\"[^\"]*\"", "")).as(path).doesNotContain("\u202e");
  }
}
