package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.KeyLimit;
import dev.lease.NewJob;
import dev.lease.cli.TestStore.Answer;
import dev.lease.cli.TestStore.Kind;
import dev.lease.testkit.InMemoryBackend;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands for keys: on the reference store, and on each store as far as it has keys. */
@Timeout(120)
class KeyCommandsTest {

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("keys", "orders"),
          List.of("limit", "orders", "--slots", "1"),
          List.of("close-key", "orders", "acme", "--for", "10m"),
          List.of("jobs", "--key", "acme"));

  @TempDir private Path directory;

  private final InMemoryBackend store = new InMemoryBackend(InstantSource.system());

  private static NewJob job(String id, String key) {
    return NewJob.builder("orders", id, "place", "{}").key(key).build();
  }

  private void enqueue(String key, String... ids) {
    for (String id : ids) {
      store.jobQueue().enqueue(List.of(job(id, key)));
    }
  }

  /** Runs a command on the reference store, which has no name. */
  private String run(String... line) throws Exception {
    List<String> words = new ArrayList<>(List.of(line));
    words.addAll(List.of("--store", "sqlite:not-opened.db"));
    var parsed = LeaseCli.commandLine().parseArgs(words.toArray(String[]::new));
    var command = (StoreCommand) parsed.subcommand().commandSpec().userObject();
    command.check();
    var out = new StringWriter();
    boolean isJson = words.contains("--json");
    command.run(new OpenStore(store), new Output(new PrintWriter(out), isJson, Integer.MAX_VALUE));
    return out.toString();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  @DisplayName("a store limits keys, or says that it has none")
  void onEachStore(Kind kind) {
    try (TestStore real = TestStore.open(kind, directory)) {
      Backend backend = real.backend();
      boolean hasKeys = backend.capabilities().contains(Capability.KEYS);
      if (hasKeys) {
        real.enqueue(job("o1", "acme"));
        real.enqueue(job("o2", "acme"));
      }
      for (List<String> command : COMMANDS) {
        Answer answer = real.run(command.toArray(String[]::new));
        assertThat(answer.code()).as("%s: %s", command, answer).isEqualTo(hasKeys ? 0 : 1);
        if (!hasKeys) {
          assertThat(answer.err()).hasLineCount(1).containsIgnoringCase("key");
        }
      }
      if (hasKeys) {
        assertThat(real.run("queues").out()).containsPattern("orders +- +2 +0 +1 +0");
        assertThat(real.run("show", "o2").out()).contains("Key         acme, held back");
      }
    }
  }

  @Test
  @DisplayName("a limit is set, jobs that wait are brought to it, and the list shows them")
  void limit() throws Exception {
    enqueue("acme", "a1", "a2", "a3");
    enqueue("globex", "g1");
    assertThat(run("limit", "orders", "--slots", "1", "--in-order"))
        .isEqualTo(
            """
            A key of queue orders without a limit of its own has 1 slot, in order.
            2 jobs were brought to it.
            """);
    assertThat(run("limit", "orders", "--key", "globex", "--slots", "2", "--rate", "100/1m"))
        .startsWith("Key globex of queue orders has 2 slots, 100 starts in 1m.\n");
    assertThat(run("limit", "orders", "--queue-slots", "20"))
        .startsWith("All keys of queue orders together have 20 slots.\n0 jobs were");
    store.jobQueue().claim(ClaimRequest.of("orders", "w", 1, Duration.ofHours(1)));

    assertThat(run("keys", "orders").lines())
        .satisfiesExactly(
            line -> assertThat(line).endsWith("without a limit of its own has 1 slot, in order."),
            line -> assertThat(line).isEqualTo("All keys together have 20 slots."),
            line -> assertThat(line).startsWith("KEY     ADMITTED  HELD  HELD BACK  NEXT START"),
            line -> assertThat(line).matches("acme +1 +1 +2 +- +-"),
            line -> assertThat(line).matches("globex +1 +0 +0 +- +2 slots, 100 starts in 1m"));
    assertThat(run("keys", "orders", "--full").lines().skip(3)).hasSize(1);
    assertThat(run("show", "a3")).contains("\nKey         acme, held back: it waits for a slot");
    assertThat(run("show", "a1")).contains("\nKey         acme, admitted: it has a slot");
    assertThat(run("jobs", "--key", "acme").lines().skip(1))
        .hasSize(3)
        .anyMatch(line -> line.contains("held back, due for"));

    assertThat(run("limit", "orders", "--queue-slots", "none"))
        .startsWith("All keys of queue orders together have any number of slots.\n");
    assertThat(run("limit", "orders", "--none", "--yes"))
        .startsWith("A key of queue orders without a limit of its own has any number of slots.\n")
        .as("two jobs, of which the reference store counts two changes each")
        .containsPattern("\n[24] jobs were brought to it.\n");
    assertThat(run("limit", "orders", "--key", "globex", "--none"))
        .startsWith("Key globex of queue orders has no limit of its own.\n");
    assertThat(run("keys", "orders", "--json").lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo("{\"queue\":\"orders\",\"limit\":null,\"queueSlots\":null}"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "{\"key\":\"acme\",\"limit\":null,\"admitted\":3,\"held\":1,\"heldBack\":0,"
                            + "\"nextStart\":null}"),
            line -> assertThat(line).startsWith("{\"key\":\"globex\""));
  }

  @Test
  @DisplayName("many jobs are brought to a limit in pieces, each with a line")
  void inPieces() throws Exception {
    store
        .jobQueue()
        .enqueue(IntStream.range(0, 1_000).mapToObj(i -> job("a" + i, "acme")).toList());
    store.jobQueue().enqueue(List.of(job("a1000", "acme")));
    assertThat(run("limit", "orders", "--key", "acme", "--slots", "0"))
        .isEqualTo(
            """
            Key acme of queue orders has 0 slots.
            1000 so far.
            1001 jobs were brought to it.
            """);
    assertThat(run("limit", "orders", "--key", "acme", "--slots", "0", "--json"))
        .isEqualTo("{\"queue\":\"orders\",\"key\":\"acme\",\"changed\":0}\n");
  }

  @Test
  @DisplayName("full keys are found behind any number of others, a page at a time")
  void fullKeys() throws Exception {
    store.admission().limit("orders", null, KeyLimit.of(1));
    store
        .jobQueue()
        .enqueue(IntStream.range(0, 1_000).mapToObj(i -> job("j" + i, "k" + i)).toList());
    enqueue("z1", "x1", "x2");
    enqueue("z2", "y1", "y2");
    assertThat(run("keys", "orders", "--full", "--limit", "1").lines().skip(2))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("z1 "),
            line -> assertThat(line).isEqualTo("More keys may match: go on with --after='z1'."));
    assertThat(run("keys", "orders", "--full", "--after", "z1", "--json").lines().skip(1))
        .singleElement()
        .asString()
        .startsWith("{\"key\":\"z2\"");
    assertThat(run("keys", "orders", "--limit", "2", "--json")).endsWith("\n{\"next\":\"k1\"}\n");
  }

  @Test
  @DisplayName("a key is closed for a time, and the list shows how long")
  void close() throws Exception {
    enqueue("acme", "a1");
    assertThat(run("close-key", "orders", "acme", "--for", "2h"))
        .isEqualTo("No job of key acme of queue orders starts for 2h.\n");
    assertThat(run("keys", "orders")).containsPattern("acme +1 +0 +0 +in 1h 59m");
    assertThat(run("close-key", "orders", "acme", "--for", "0s"))
        .isEqualTo(
            """
            Key acme of queue orders is open for jobs that get their slot from now on.
            1 job that waits has its slot already, and keeps its time: see lease jobs --key.
            """);
    enqueue("acme", "a2", "a3");
    store.jobQueue().claim(ClaimRequest.of("orders", "w", 1, Duration.ofHours(1)));
    assertThat(run("close-key", "orders", "acme", "--for", "0s"))
        .as("a1 and a3")
        .endsWith(
            "\n2 jobs that wait have their slots already, and keep their times: see lease jobs --key.\n");
    assertThat(run("close-key", "orders", "nobody", "--for", "0s", "--yes"))
        .isEqualTo(
            "Key nobody of queue orders is open for jobs that get their slot from now on.\n");
  }

  @Test
  @DisplayName("a change of all keys, where --key may be forgotten, needs a yes")
  void allKeys() throws Exception {
    enqueue("acme", "a1", "a2", "a3");
    store.admission().limit("orders", null, KeyLimit.of(1));
    store.admission().apply("orders", 1_000);
    for (List<String> change : List.of(List.of("--none"), List.of("--slots", "0"))) {
      List<String> line = new ArrayList<>(List.of("limit", "orders"));
      line.addAll(change);
      assertThat(run(line.toArray(String[]::new)))
          .matches(
              "Each key of queue orders without a limit of its own would have (any number of|0)"
                  + " slots; 2 jobs are held back now\\. Nothing was changed: name one with --key, or"
                  + " add --yes to do it\\.\n");
      assertThat(store.admission().keys("orders", null, 1).limit()).isEqualTo(KeyLimit.of(1));
    }
    assertThat(run("limit", "orders", "--none", "--json"))
        .startsWith("{\"queue\":\"orders\",\"key\":null,\"answer\":\"Each key of queue orders");
    assertThat(run("limit", "orders", "--slots", "0", "--yes")).contains("has 0 slots.\n");
    assertThat(run("limit", "orders", "--queue-slots", "1"))
        .startsWith("All keys of queue orders together have 1 slot.\n");
  }

  @Test
  @DisplayName("a name that the store does not know needs a yes, and is in the answer")
  void unknownNames() throws Exception {
    enqueue("acme", "a1");
    assertThat(run("limit", "oders", "--slots", "1"))
        .isEqualTo(
            "Queue oders has no jobs and no limits, so it is not limited: check its name, or add"
                + " --yes.\n");
    assertThat(run("limit", "orders", "--key", "acmee", "--slots", "0"))
        .isEqualTo(
            "Key acmee of queue orders has no unfinished jobs and no limit of its own, so it is not"
                + " limited: check the names, or add --yes.\n");
    assertThat(run("close-key", "orders", "acm", "--for", "10m"))
        .startsWith("Key acm of queue orders has no unfinished jobs")
        .endsWith("so it is not closed: check the names, or add --yes.\n");
    assertThat(store.admission().keys("oders", null, 1).limit()).isNull();
    assertThat(store.admission().keys("orders", null, 9).keys())
        .singleElement()
        .matches(key -> key.key().equals("acme") && key.nextStart() == null);

    assertThat(run("limit", "oders", "--slots", "1", "--yes")).contains("has 1 slot.");
    assertThat(run("limit", "oders", "--slots", "2")).as("has a limit").contains("has 2 slots.");
    assertThat(run("close-key", "orders", "acm", "--for", "10m", "--yes")).startsWith("No job");
  }

  @Test
  @DisplayName("a key is known among very many that begin as it does, and by its limit alone")
  void knownKeys() throws Exception {
    store
        .jobQueue()
        .enqueue(IntStream.range(0, 1_000).mapToObj(i -> job("j" + i, "k" + i)).toList());
    store.admission().limit("orders", "\uD83D\uDE00", KeyLimit.of(1));
    for (String key : List.of("k999", "k0", "\uD83D\uDE00")) {
      assertThat(run("close-key", "orders", key, "--for", "10m"))
          .startsWith("No job of key " + key);
    }
    for (String key : List.of("k9999", "k", "j", "l", "\uD83D\uDE01")) {
      assertThat(run("close-key", "orders", key, "--for", "10m")).contains("is not closed");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keys",
        "keys orders --limit 0",
        "limit orders",
        "limit orders --slots 1 --none",
        "limit orders --slots 1001",
        "limit orders --slots 2 --in-order",
        "limit orders --none --in-order",
        "limit orders --slots 1 --burst 3",
        "limit orders --slots 1 --rate 100",
        "limit orders --slots 1 --rate 100/min",
        "limit orders --queue-slots many",
        "limit orders --queue-slots 1001",
        "limit orders --queue-slots 5 --key acme",
        "close-key orders acme",
        "close-key orders --for 10m",
        "limit orders --slots 1 --key=",
      })
  void wrongUsageIsSaid(String line) {
    Answer answer = TestStore.runWithout((line + " --store sqlite:x.db").split(" "));
    assertThat(answer.code()).as("%s", answer).isEqualTo(2);
    assertThat(answer.err().lines().toList()).hasSize(2).last().asString().endsWith("--help");
    assertThat(Path.of("x.db")).doesNotExist();
  }
}
