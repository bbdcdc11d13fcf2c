package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.JobState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateTest {

  private static final List<String> KNOWN = List.of("localhost", "127.0.0.1", "[::1]");

  @TempDir Path folder;

  @Test
  @DisplayName("an address of IPv6 is the same in all its forms; a name is never looked up")
  void addresses() {
    assertThat(Guards.isSame("::1", "0:0:0:0:0:0:0:1")).isTrue();
    assertThat(Guards.isSame("fd00::2", "fd00:0:0:0:0:0:0:2")).isTrue();
    assertThat(Guards.isSame("fd00::2", "fd00::3")).isFalse();
    assertThat(Guards.isSame("::x", "::1")).isFalse();
    assertThat(Guards.isSame("localhost", "127.0.0.1")).isFalse();
  }

  @Test
  @DisplayName("only its own names are answered: a page that rebinds its name reads nothing")
  void host() {
    try (TestConsole test = TestConsole.open(folder, all -> all.allowHost("Lease.example"))) {
      for (String host : KNOWN) {
        assertThat(test.http().get("/jobs", "Host", host).status()).as(host).isEqualTo(200);
        assertThat(test.http().get("/jobs", "Host", host + ":8391").status()).isEqualTo(200);
      }
      assertThat(test.http().get("/jobs", "Host", "lease.example").status()).isEqualTo(200);
      for (String host :
          List.of("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1")) {
        for (Route route : test.routes()) {
          assertThat(test.http().send(route.method(), route.path(), "", "Host", host).status())
              .as("%s of %s", route.path(), host)
              .isEqualTo(421);
        }
      }
    }
  }

  @Test
  @DisplayName("every route asks for its access: without any, with READ, with CHANGE")
  void access() {
    Set<String> changed = new HashSet<>();
    try (TestConsole test =
        TestConsole.open(folder, all -> all.access(request -> viewer(request.getHeader("As"))))) {
      for (Route route : test.routes()) {
        assertThat(status(test, route, "nobody")).as("nobody: %s", route.path()).isEqualTo(403);
        assertThat(status(test, route, "NONE")).as("NONE: %s", route.path()).isEqualTo(403);
        boolean changes = route.method().equals("POST");
        assertThat(route.access()).isEqualTo(changes ? Access.CHANGE : Access.READ);
        if (changes) {
          changed.add(route.path());
          assertThat(status(test, route, "READ")).as("READ: %s", route.path()).isEqualTo(403);
          assertThat(test.http().get(route.path(), "As", "CHANGE").status()).isEqualTo(405);
        } else {
          assertThat(status(test, route, "READ")).as("READ: %s", route.path()).isNotEqualTo(403);
          assertThat(test.http().post(route.path(), Map.of("a", "b"), "As", "CHANGE").status())
              .isEqualTo(405);
        }
      }
      assertThat(changed)
          .contains(
              "/job/retry",
              "/job/run-now",
              "/job/change",
              "/job/cancel",
              "/job/delete",
              "/queue/pause",
              "/queue/resume",
              "/schedule/run-now",
              "/schedule/pause",
              "/schedule/resume",
              "/bulk/start",
              "/bulk/stop");
      assertThat(test.http().get("/other", "As", "CHANGE").status()).isEqualTo(404);
      assertThat(test.http().get("/jobs/../job", "As", "CHANGE").status()).isNotEqualTo(500);
    }
  }

  private static Optional<Viewer> viewer(String as) {
    return as.equals("nobody")
        ? Optional.empty()
        : Optional.of(Viewer.of("anna", Access.valueOf(as)));
  }

  private static int status(TestConsole test, Route route, String as) {
    return test.http().send(route.method(), route.path(), "", "As", as).status();
  }

  @Test
  @DisplayName("a console for reading changes nothing, on each path that changes")
  void readOnly() {
    try (TestConsole test = TestConsole.open(folder, Console.Builder::readOnly)) {
      test.enqueue("orders", "order-1");
      assertThat(test.get(TestConsole.link("orders", "order-1")).body()).doesNotContain("<form");
      for (Route route : test.routes()) {
        if (route.method().equals("POST")) {
          Http.Answer answer = test.http().post(route.path(), form("none"));
          assertThat(answer.status()).as(route.path()).isEqualTo(403);
          assertThat(answer.body()).as(route.path()).contains("for reading only");
        }
      }
      assertThat(state(test)).isEqualTo(JobState.PENDING);
    }
  }

  @Test
  @DisplayName("a change needs the token of a page, the own origin, a reason, and a small form")
  void forgery() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue("orders", "order-1");
      Map<String, String> form = form(test.token());
      Http http = test.http();
      assertThat(http.post("/job/cancel", form("bad")).status()).isEqualTo(403);
      assertThat(http.post("/job/cancel", form("")).status()).isEqualTo(403);
      for (String origin : List.of("http://evil.example", "null", "http://localhost:1", "x y")) {
        assertThat(http.post("/job/cancel", form, "Origin", origin).status())
            .as(origin)
            .isEqualTo(403);
      }
      for (String site : List.of("cross-site", "same-site", "none")) {
        assertThat(http.post("/job/cancel", form, "Sec-Fetch-Site", site).status())
            .as(site)
            .isEqualTo(403);
      }
      Map<String, String> without = new HashMap<>(form);
      without.remove("reason");
      assertThat(http.post("/job/cancel", without).status()).isEqualTo(400);
      assertThat(http.post("/job/cancel", form, "Content-Length", "70000").status()).isEqualTo(413);
      assertThat(state(test)).isEqualTo(JobState.PENDING);

      String origin = "http://" + http.console().getAuthority();
      assertThat(
              http.post("/job/cancel", form, "Origin", origin, "Sec-Fetch-Site", "same-origin")
                  .status())
          .isEqualTo(303);
      assertThat(state(test)).isEqualTo(JobState.CANCELLED);
    }
  }

  @Test
  @DisplayName("a body is read only of somebody who may send it, to a page that there is")
  void body() {
    try (TestConsole test =
        TestConsole.open(folder, all -> all.access(request -> viewer(request.getHeader("As"))))) {
      Http http = test.http();
      // Each of these promises more than it sends.
      String[] slow = {"As", "READ", "Content-Length", "1000"};
      assertThat(http.send("POST", "/nowhere", "a=b", slow).status()).isEqualTo(404);
      assertThat(http.send("POST", "/jobs", "a=b", slow).status()).isEqualTo(405);
      assertThat(http.send("POST", "/job/cancel", "a=b", slow).status()).isEqualTo(403);
    }
  }

  @Test
  @DisplayName("a field that is misspelt, twice or empty changes nothing; a reason can be seen")
  void fields() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue("orders", "order-1");
      String token = test.token();
      Http http = test.http();
      Map<String, String> all =
          Map.of("act", "cancel", "state", "any", "counted", "1", "reason", "x", "token", token);
      Map<String, String> misspelt = new HashMap<>(all);
      misspelt.put("quue", "reports");
      Http.Answer answer = http.post("/bulk/start", misspelt);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("There is no field quue. Nothing was done.");
      // Each of these is a field of another form.
      for (Route route : test.routes()) {
        if (route.access() == Access.CHANGE) {
          String foreign = route.fields().contains("number") ? "priority" : "number";
          Map<String, String> form = Map.of(foreign, "1", "reason", "x", "token", token);
          assertThat(http.post(route.path(), form).body())
              .as(route.path())
              .contains("There is no field " + foreign + ". Nothing was done.");
        }
      }
      assertThat(http.get("/bulk?act=cancel&state=any&queue=+").status()).isEqualTo(400);
      assertThat(http.post("/job/cancel?id=order-2", form(token)).body()).contains("twice: id");
      for (String reason : List.of("", " ", "\u200b", "\u00a0", "\0")) {
        Map<String, String> form = new HashMap<>(form(token));
        form.put("reason", reason);
        assertThat(http.post("/job/cancel", form).status()).as(reason).isEqualTo(400);
      }
      assertThat(http.get("/job?id=order-1").body()).contains("The request has no queue.");
      assertThat(state(test)).isEqualTo(JobState.PENDING);
    }
  }

  @Test
  @DisplayName("names that begin with a blank are found, and paged")
  void blanks() {
    try (TestConsole test = TestConsole.open(folder)) {
      for (int i = 0; i < 101; i++) {
        test.backend().leaseStore().acquire(" l%03d".formatted(i), "a", Duration.ofHours(1));
      }
      assertThat(test.get("/leases?prefix=+l&after=+l099").body()).contains("l100");
      assertThat(test.get("/leases?prefix=l").body())
          .contains("Nobody holds one whose name begins so.");
    }
  }

  @Test
  @DisplayName("a host with a port, a user with a colon and a second guard are refused")
  void notObeyed() {
    try (TestConsole test = TestConsole.open(folder)) {
      Console.Builder console = Console.on(test.backend());
      for (String host : List.of("shop:80", "http://shop", "a b")) {
        assertThatThrownBy(() -> console.allowHost(host)).hasMessageContaining("without a port");
      }
      assertThatThrownBy(() -> console.basic("a:b", "x", Access.READ))
          .hasMessageContaining("colon");
      console.allowHost("[::1]").basic("a", "x", Access.READ).basic("b", "x", Access.READ);
      assertThatThrownBy(() -> console.role("OPERATOR", Access.READ))
          .hasMessageContaining("one guard");
    }
  }

  private static Map<String, String> form(String token) {
    return Map.of("queue", "orders", "id", "order-1", "reason", "a test", "token", token);
  }

  private static JobState state(TestConsole test) {
    return test.backend().jobQueue().find("orders", "order-1").orElseThrow().state();
  }

  @Test
  @DisplayName("a token is good for its viewer, its secret, its hour and the one after it")
  void token() {
    Token token = new Token(new SecretKeySpec(new byte[8], Token.ALGORITHM));
    Viewer anna = Viewer.of("anna", Access.CHANGE);
    Instant now = Instant.parse("2026-12-01T10:59:00Z");
    String made = token.of(anna, now);
    assertThat(token.isGood(anna, made, now.plusSeconds(3_600))).isTrue();
    assertThat(token.isGood(anna, made, now.plusSeconds(3_700))).isFalse();
    assertThat(token.isGood(anna, made, now.minusSeconds(3_600))).isFalse();
    assertThat(token.isGood(Viewer.of("bob", Access.CHANGE), made, now)).isFalse();
    assertThat(
            new Token(new SecretKeySpec(new byte[] {1}, Token.ALGORITHM)).isGood(anna, made, now))
        .isFalse();
    assertThat(token.isGood(anna, null, now)).isFalse();
  }

  @Test
  @DisplayName("each answer has the policy without inline code, no cookie, and is not stored")
  void headers() {
    try (TestConsole test = TestConsole.open(folder)) {
      for (String path :
          List.of("/jobs", "/nowhere", "/job?queue=a&id=b", "/jobs?state=odd", "//jobs", "/%2f")) {
        Map<String, String> headers = test.get(path).headers();
        assertThat(headers.get("content-security-policy"))
            .contains("default-src 'none'", "frame-ancestors 'none'")
            .doesNotContain("unsafe");
        assertThat(headers)
            .containsEntry("cache-control", "no-store")
            .containsEntry("x-content-type-options", "nosniff")
            .containsEntry("x-frame-options", "DENY")
            .containsEntry("referrer-policy", "same-origin")
            .doesNotContainKeys("set-cookie", "server");
      }
      assertThat(test.get("/jobs?a=%zz").status()).isEqualTo(400);
      assertThat(test.get("/console.css").headers().get("content-type")).startsWith("text/css");
      Http.Answer large = test.http().get("/jobs", "X", "x".repeat(10_000));
      assertThat(large.status()).isEqualTo(431);
      assertThat(large.headers()).containsKey("content-security-policy");
    }
  }

  @Test
  @DisplayName("Basic: the right password opens, a wrong one and an unknown name do not")
  void basic() {
    try (TestConsole test =
        TestConsole.open(folder, all -> all.basic("anna", "pass:wörd", Access.READ))) {
      Http http = test.http();
      assertThat(http.get("/jobs").headers().get("www-authenticate")).startsWith("Basic ");
      assertThat(http.get("/jobs").status()).isEqualTo(401);
      assertThat(http.get("/jobs", "Authorization", "Basic ??").status()).isEqualTo(401);
      Http.Answer answer = http.get("/jobs", "Authorization", basic("anna:pass:wörd"));
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).contains("anna, reading only");
      assertThat(http.get("/jobs", "Authorization", basic("bob:pass:wörd")).status())
          .isEqualTo(401);
      assertThat(http.get("/jobs", "Authorization", basic("anna:pass:wörd")).status())
          .as("remembered, though the address has to wait")
          .isEqualTo(200);
    }
  }

  private static String basic(String credentials) {
    return "Basic "
        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("a proxy's header is believed from its address only")
  void forwarded() {
    try (TestConsole test =
        TestConsole.open(folder, all -> all.forwardedUser("X-User", Access.READ, "127.0.0.1"))) {
      assertThat(test.get("/jobs").status()).isEqualTo(403);
      assertThat(test.http().get("/jobs", "X-User", "anna").body()).contains("anna");
      assertThat(test.http().get("/jobs", "X-User", "admin", "x-user", "anna").status())
          .as("one of these is forged")
          .isEqualTo(403);
    }
    try (TestConsole test =
        TestConsole.open(folder, all -> all.forwardedUser("X-User", Access.READ, "10.0.0.7"))) {
      assertThat(test.http().get("/jobs", "X-User", "anna").status()).isEqualTo(403);
    }
  }

  @Test
  @DisplayName("behind a proxy on this machine nobody is local")
  void proxied() {
    try (TestConsole test = TestConsole.open(folder)) {
      for (String header :
          List.of("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto")) {
        assertThat(test.http().get("/jobs", header, "10.1.1.1").status()).as(header).isEqualTo(403);
      }
    }
  }

  @Test
  @DisplayName("beyond loopback, or in another's server, it does not start without a guard")
  void unguarded() {
    try (TestConsole test = TestConsole.open(folder)) {
      Console.Builder open = Console.on(test.backend()).bind("0.0.0.0");
      assertThatThrownBy(open::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("could change all jobs");
      assertThatThrownBy(Console.on(test.backend())::servlet)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("needs a guard");
    }
  }
}
