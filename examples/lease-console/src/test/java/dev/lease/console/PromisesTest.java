package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.StoreException;
import dev.lease.console.live.BulkAct;
import dev.lease.console.live.BulkRun;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the README says of the console, each in a few lines. */
@Timeout(120)
class PromisesTest {

  @TempDir Path folder;

  /** A job with a step, that an operator has changed, and a lease with a note. */
  private static void addSecrets(TestConsole test) {
    test.enqueue("orders", "order-1");
    JobAdmin admin = test.backend().jobAdmin().by(Operator.of("bob", "a deploy"));
    admin.change(
        "orders", "order-1", JobChange.builder().payload("sesame-change").priority(3).build());
    JobLease lease = test.claim("orders", "worker-1");
    test.backend().jobQueue().checkpoint(lease, "step-1", "sesame-step");
    test.backend().leaseStore().acquire("leader", "a", Duration.ofHours(1), "sesame-note");
  }

  @Test
  @DisplayName("the values of steps, and what an operator changed, are hidden, shown, or redacted")
  void hidden() {
    String job = TestConsole.link("orders", "order-1");
    try (TestConsole test = TestConsole.open(folder)) {
      addSecrets(test);
      assertThat(test.get(job).body()).contains("Step step-1", "CHANGE").doesNotContain("sesame");
      assertThat(test.get("/actions").body()).contains("CHANGE").doesNotContain("sesame");
      assertThat(test.get("/queue?queue=orders").body()).doesNotContain("sesame");
    }
    try (TestConsole test = TestConsole.open(folder, Console.Builder::showPayloads)) {
      assertThat(test.get(job).body()).contains("sesame-step", "sesame-change");
      assertThat(test.get("/leases").body()).contains("sesame-note");
    }
    try (TestConsole test =
        TestConsole.open(
            folder, all -> all.showPayloads().redactor(text -> text.replace("sesame", "***")))) {
      for (String path : List.of(job, "/leases")) {
        assertThat(test.get(path).body()).as(path).contains("***").doesNotContain("sesame");
      }
    }
  }

  @Test
  @DisplayName("whole values of steps are read only if somebody asks who may see them")
  void whole() {
    String job = TestConsole.link("orders", "order-1");
    String value = "sesame" + "x".repeat(194) + "end";
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue("orders", "order-1");
      JobLease lease = test.claim("orders", "worker-1");
      test.backend().jobQueue().checkpoint(lease, "step-1", value);
      test.backend().jobQueue().checkpoint(lease, "step-2", "y".repeat(10_001));
    }
    AtomicInteger whole = new AtomicInteger();
    for (UnaryOperator<Console.Builder> redacted :
        List.<UnaryOperator<Console.Builder>>of(
            all -> all,
            Console.Builder::showPayloads,
            all -> all.showPayloads().redactor(text -> text.replace("sesame", "***")))) {
      try (TestConsole test = TestConsole.open(folder);
          Console console =
              redacted
                  .apply(
                      Console.on(
                          with(
                              test.backend(),
                              "steps",
                              admin -> {
                                whole.incrementAndGet();
                                return admin.steps("orders", "order-1");
                              })))
                  .start()) {
        Http http = new Http(URI.create(console.url()));
        String page = http.get(job).body();
        String all = http.get(job + "&steps=whole").body();
        assertThat(page).contains("Step step-1 was kept", "Step step-2 was kept");
        if (whole.get() == 0) {
          assertThat(page + all).doesNotContain("sesame", "Show 10,000");
        } else if (whole.get() == 1) {
          assertThat(page).contains("<pre>sesamexx", "steps=whole").doesNotContain("xend");
          assertThat(all).contains("xend", "yyy").doesNotContain("Show 10,000", "y".repeat(10_001));
        } else {
          assertThat(page).contains("steps=whole").doesNotContain("sesame", "***", "xxx");
          assertThat(all).contains("***xx", "xend").doesNotContain("sesame");
        }
      }
    }
    assertThat(whole).hasValue(2);
  }

  @Test
  @DisplayName("a form of one console is good at another with the same secret only")
  void secret() {
    String secret = "0123456789abcdef";
    try (TestConsole test = TestConsole.open(folder, all -> all.secret(secret));
        Console same = Console.on(test.backend()).secret(secret).start();
        Console other = Console.on(test.backend()).secret(secret + "!").start()) {
      test.enqueue("orders", "order-1");
      Map<String, String> form = Map.of("queue", "orders", "reason", "x", "token", test.token());
      assertThat(new Http(URI.create(other.url())).post("/queue/pause", form).status())
          .isEqualTo(403);
      assertThat(new Http(URI.create(same.url())).post("/queue/pause", form).status())
          .isEqualTo(303);
    }
  }

  /** A request, as far as guards look at it. */
  private static HttpServletRequest request(String remote, String local, String host) {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            PromisesTest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "getRemoteAddr" -> remote;
                  case "getLocalAddr" -> local;
                  case "getHeader" -> host;
                  case "getHeaders" -> Collections.enumeration(List.of("anna"));
                  case "getHeaderNames" -> Collections.emptyEnumeration();
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  @Test
  @DisplayName("local is who comes from this machine; localhost is a name of loopback only")
  void addresses() {
    assertThat(Guards.local().viewer(request("127.0.0.1", "127.0.0.1", ""))).isPresent();
    assertThat(Guards.local().viewer(request("10.0.0.7", "10.0.0.5", ""))).isEmpty();
    Guard proxy = Guards.forwarded("X-User", Access.READ, Set.of("::1"));
    assertThat(proxy.viewer(request("0:0:0:0:0:0:0:1", "::1", ""))).isPresent();
    try (TestConsole test = TestConsole.open(folder)) {
      Gate gate =
          new Gate(
              new Settings(
                  test.backend(),
                  Guards.local(),
                  Access.READ,
                  Set.of(),
                  new SecretKeySpec(new byte[1], Token.ALGORITHM),
                  false,
                  null));
      gate.checkHost(request("10.0.0.7", "10.0.0.5", "10.0.0.5:8391"));
      gate.checkHost(request("fd00::1", "fd00:0:0:0:0:0:0:2", "[fd00::2]:8391"));
      assertThatThrownBy(() -> gate.checkHost(request("10.0.0.7", "10.0.0.5", "localhost")))
          .isInstanceOf(Refusal.class);
    }
  }

  /** A store of which one call of the operator's part is another's. */
  private static Backend with(Backend backend, String call, Function<JobAdmin, Object> answer) {
    JobAdmin real = backend.jobAdmin();
    JobAdmin admin =
        (JobAdmin)
            Proxy.newProxyInstance(
                PromisesTest.class.getClassLoader(),
                new Class<?>[] {JobAdmin.class},
                (proxy, method, args) -> {
                  try {
                    return method.getName().equals(call)
                        ? answer.apply(real)
                        : method.invoke(real, args);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return BackendView.of(backend).withJobAdmin(admin);
  }

  @Test
  @DisplayName("viewers have two calls to the store under way, and files need none")
  void permits() throws Exception {
    AtomicInteger most = new AtomicInteger();
    AtomicInteger inside = new AtomicInteger();
    CountDownLatch two = new CountDownLatch(2);
    CountDownLatch three = new CountDownLatch(3);
    CountDownLatch end = new CountDownLatch(1);
    try (TestConsole test = TestConsole.open(folder);
        Console console =
            Console.on(
                    with(
                        test.backend(),
                        "briefSteps",
                        admin -> {
                          most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                          two.countDown();
                          three.countDown();
                          await(end);
                          inside.decrementAndGet();
                          return List.of();
                        }))
                .start()) {
      test.enqueue("orders", "order-1");
      Http http = new Http(URI.create(console.url()));
      List<CompletableFuture<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        answers.add(
            CompletableFuture.supplyAsync(
                () -> http.get(TestConsole.link("orders", "order-1")).status(),
                task -> new Thread(task).start()));
      }
      await(two);
      assertThat(http.get("/console.css").status()).isEqualTo(200);
      assertThat(three.await(200, TimeUnit.MILLISECONDS)).isFalse();
      end.countDown();
      assertThat(answers).allSatisfy(each -> assertThat(each.join()).isEqualTo(200));
      assertThat(most).hasValue(2);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("browsers that read nothing stop nobody")
  void slow() throws IOException {
    try (TestConsole test = TestConsole.open(folder, Console.Builder::showPayloads)) {
      test.enqueue(NewJob.builder("orders", "order-1", "mail", "<".repeat(1_000_000)).build());
      List<Socket> sockets = new ArrayList<>();
      try {
        for (int i = 0; i < 3; i++) {
          Socket socket = new Socket();
          sockets.add(socket);
          socket.setReceiveBufferSize(1_024);
          URI at = test.http().console();
          socket.connect(new InetSocketAddress(at.getHost(), at.getPort()));
          String request =
              "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n"
                  .formatted(TestConsole.link("orders", "order-1"), at.getAuthority());
          socket.getOutputStream().write(request.getBytes(UTF_8));
          assertThat(socket.getInputStream().read()).isEqualTo('H');
        }
        assertThat(test.get("/jobs").status()).isEqualTo(200);
      } finally {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
    }
  }

  @Test
  @DisplayName("a store that does not answer is 503, and one failure is told to all who waited")
  void fails() {
    AtomicInteger calls = new AtomicInteger();
    try (TestConsole test = TestConsole.open(folder);
        Console console =
            Console.on(
                    with(
                        test.backend(),
                        "counts",
                        admin -> {
                          calls.incrementAndGet();
                          throw StoreException.notDone("stopped", null);
                        }))
                .start()) {
      Http http = new Http(URI.create(console.url()));
      assertThat(http.get("/").status()).isEqualTo(503);
      assertThat(http.get("/queue?queue=orders").status()).isEqualTo(503);
      assertThat(http.get("/jobs").status()).isEqualTo(200);
      assertThat(calls).hasPositiveValue();
    }
  }

  @Test
  @DisplayName("an act of which the answer was lost may be done: it says so, and all read anew")
  void outcomeUnknown() {
    AtomicBoolean lost = new AtomicBoolean(true);
    try (TestConsole test = TestConsole.open(folder);
        Console console =
            Console.on(
                    with(
                        new Bare(test.backend()),
                        "pause",
                        admin -> {
                          if (!lost.get()) {
                            throw StoreException.notDone("stopped", null);
                          }
                          admin.pause("orders");
                          throw StoreException.outcomeUnknown("lost", null);
                        }))
                .start()) {
      TestConsole changed = new TestConsole(test.backend(), console);
      test.enqueue("orders", "order-1");
      assertThat(changed.get("/queue?queue=orders").body()).contains("/queue/pause");
      Map<String, String> form = Map.of("queue", "orders", "reason", "a deploy");
      Http.Answer answer = changed.act("/queue/pause", form);
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body()).contains("It may have been done");
      assertThat(changed.get("/queue?queue=orders").body()).contains("/queue/resume");
      lost.set(false);
      assertThat(changed.act("/queue/pause", form).body()).contains("nothing was done");
    }
  }

  @Test
  @DisplayName("who closes the console waits for the piece under way")
  void close() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue("orders", "order-1");
      JobFilter filter = JobFilter.all().inQueue("orders");
      Backend backend =
          with(
              test.backend(),
              "count",
              admin -> {
                begun.countDown();
                await(goOn);
                return admin.count(filter, 1);
              });
      BulkRun run = new BulkRun(BulkAct.CANCEL, backend.jobAdmin(), filter, Duration.ZERO, 1);
      Bulk bulk = new Bulk();
      bulk.start(run);
      await(begun);
      CompletableFuture<BulkRun.End> closed =
          CompletableFuture.supplyAsync(
              () -> {
                bulk.close();
                return run.end();
              },
              task -> new Thread(task).start());
      CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS).execute(goOn::countDown);
      assertThat(closed.get()).isNotEqualTo(BulkRun.End.RUNNING);
    }
  }
}
