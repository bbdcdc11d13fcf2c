package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The pages in a real browser. */
@Tag("slow")
@Timeout(600)
class BrowserTest {

  private static final Path PICTURES = Path.of("target/pictures");

  /** No temporary folder: a Chromium that was killed may still write there. */
  private static final Path PROFILE =
      Path.of("target/chromium-" + ProcessHandle.current().pid()).toAbsolutePath();

  private static final List<String> NAMED =
      List.of("button", "link", "textbox", "combobox", "image", "progressbar");

  private static Chromium browser;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "chromium is not installed");
    browser = new Chromium(program.get(), PROFILE);
    Files.createDirectories(PICTURES);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  private static void open(TestConsole test, String path) {
    browser.open(test.console().url() + path.substring(1));
  }

  private static void fill(TestConsole test) {
    String[] errors = {
      "java.net.ConnectException: mail.example.com:25 refused the connection",
      "java.net.ConnectException: mail.example.com:25 refused the connection",
      "java.lang.IllegalStateException: no such article"
    };
    for (int i = 0; i < errors.length; i++) {
      test.enqueue(NewJob.builder("mails", "mail-" + i, "send-mail", "{}").build());
      test.settle(Settlement.failed(test.claim("mails", "worker-1"), errors[i]));
    }
    for (int i = 0; i < 40; i++) {
      test.enqueue(NewJob.builder("orders", "order-2026-12-03-" + i, "place-order", "{}").build());
    }
    test.claim("orders", "worker-2");
    test.backend()
        .leaseStore()
        .acquire(
            "lease.worker/worker-2/1",
            "worker-2",
            Duration.ofSeconds(30),
            "{\"host\":\"shop1\",\"version\":\"0.1.0\",\"slots\":8,\"status\":\"UP\",\"active\":1,"
                + "\"queues\":[{\"name\":\"orders\",\"claimed\":300}]}");
  }

  @Test
  @DisplayName("hostile texts open no dialog, and no page breaks its own policy")
  void hostile() {
    String evil = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>";
    try (TestConsole test = TestConsole.open(folder, Console.Builder::showPayloads)) {
      HostileTest.fill(test, evil);
      String queue = TestConsole.encoded("q" + evil);
      String id = TestConsole.encoded("d" + evil);
      for (Route route : test.routes()) {
        if (route.method().equals("GET")) {
          open(test, route.path());
          open(test, route.path() + "?act=RETRY&queue=" + queue + "&id=" + id);
          open(test, route.path() + "?act=RETRY&state=any&error=" + id + "&type=" + id);
        }
      }
      String graph = TestConsole.encoded("g" + evil) + "&graph=" + TestConsole.encoded("G" + evil);
      open(test, "/graph?queue=" + graph);
      open(test, "/graph/part?queue=" + graph + "&part=" + TestConsole.encoded("p" + evil));
      open(test, TestConsole.link("g" + evil, "part" + evil));
      assertThat(browser.complaints).isEmpty();
    }
  }

  @Test
  @DisplayName("no page is wider than its window, in light and in dark")
  void layout() throws IOException {
    try (TestConsole test = TestConsole.open(folder)) {
      fill(test);
      List<String> paths =
          List.of(
              "/",
              "/jobs?state=any",
              TestConsole.link("mails", "mail-1"),
              "/workers",
              "/queue?queue=mails",
              "/bulk?act=RETRY&queue=mails",
              "/schedules",
              "/leases",
              "/actions");
      List<String> wide = new ArrayList<>();
      for (String scheme : List.of("light", "dark")) {
        for (int width : new int[] {360, 1_440}) {
          browser.size(width, 900, scheme);
          for (String path : paths) {
            open(test, path);
            int needed = browser.eval("document.documentElement.scrollWidth").asInt();
            if (needed > width) {
              wide.add(path + " at " + width + ": " + needed);
            }
          }
          open(test, "/");
          Files.write(
              PICTURES.resolve("overview-" + scheme + "-" + width + ".png"), browser.picture());
          open(test, TestConsole.link("mails", "mail-1"));
          Files.write(PICTURES.resolve("job-" + scheme + "-" + width + ".png"), browser.picture());
          String background =
              browser.eval("getComputedStyle(document.body).backgroundColor").asString();
          assertThat(background.equals("rgb(255, 255, 255)")).isEqualTo(scheme.equals("light"));
        }
      }
      assertThat(wide).isEmpty();
      assertThat(browser.complaints).isEmpty();
    }
  }

  @Test
  @DisplayName("figures change while somebody looks, draw lines, and leave the focus where it is")
  void live() throws IOException {
    try (TestConsole test = TestConsole.open(folder)) {
      fill(test);
      browser.size(1_440, 900, "light");
      open(test, "/");
      browser.await("document.querySelector('#lines canvas') !== null");
      browser.eval("window.same = true; document.querySelector('nav a').focus()");
      test.enqueue("orders", "late-1", "late-2");
      browser.await("document.querySelector('#tiles .PENDING').textContent === '41'");
      browser.await("JSON.parse(document.getElementById('lines').dataset.points)[0].length > 1");
      assertThat(browser.eval("window.same").asBoolean()).as("the same page").isTrue();
      assertThat(browser.eval("document.activeElement.textContent").asString())
          .isEqualTo("Overview");

      Files.write(PICTURES.resolve("overview.png"), browser.picture());

      // A part that is in use stays as it is.
      browser.eval("window.used = document.querySelector('#queues a'); window.used.focus()");
      test.enqueue("orders", "late-3");
      browser.await("document.querySelector('#tiles .PENDING').textContent === '42'");
      assertThat(browser.eval("document.activeElement === window.used").asBoolean()).isTrue();
      assertThat(browser.complaints).isEmpty();
    }
  }

  @Test
  @DisplayName("a job is cancelled by keys alone, and each thing to press has a name")
  void keyboard() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue("orders", "order-1");
      browser.size(1_440, 900, "light");
      open(test, TestConsole.link("orders", "order-1"));
      for (JsonNode node : browser.accessibleNodes()) {
        if (NAMED.contains(node.path("role").path("value").asString())) {
          assertThat(node.path("name").path("value").asString()).as(node.toString()).isNotBlank();
        }
      }
      browser.press("Tab", 9);
      assertThat(browser.eval("document.activeElement.textContent").asString())
          .isEqualTo("To the content");
      for (int i = 0; i < 60 && !isAtCancel(); i++) {
        browser.press("Tab", 9);
      }
      assertThat(isAtCancel()).isTrue();
      browser.type("by keys");
      browser.awaitLoad(() -> browser.press("Enter", 13));
      assertThat(browser.eval("document.querySelector('.did').textContent").asString())
          .contains("is cancelled");
      assertThat(test.backend().jobQueue().find("orders", "order-1").orElseThrow().state())
          .isEqualTo(JobState.CANCELLED);
      assertThat(browser.complaints).isEmpty();
    }
  }

  private static boolean isAtCancel() {
    return browser
        .eval(
            "document.activeElement.name === 'reason'"
                + " && document.activeElement.form.action.endsWith('/job/cancel')")
        .asBoolean();
  }
}
