package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lease.ClaimRequest;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers with a private authority that ask for client certificates. The embedded Redis has no TLS,
 * so these are programs of the system.
 */
@Tag("slow")
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
class RedisTlsTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private Path program;
  private TestCertificates ours;
  private TestCertificates others;

  private final List<RedisProcess> servers = new ArrayList<>();

  /** Servers that are down, but keep their ports for others. */
  private final List<RedisProcess> ports = new ArrayList<>();

  @BeforeAll
  void makeCertificates(@TempDir Path directory)
      throws IOException, InterruptedException, GeneralSecurityException {
    List<Path> programs =
        Stream.of("/usr/bin/redis-server", "/usr/bin/valkey-server")
            .map(Path::of)
            .filter(Files::isExecutable)
            .toList();
    assumeThat(programs)
        .as("a Redis server with TLS: apt-get install redis-server or valkey-server")
        .isNotEmpty();
    program = programs.get(0);
    ours = new TestCertificates(directory.resolve("ours"));
    ours.issue("server");
    ours.issue("client");
    others = new TestCertificates(directory.resolve("others"));
    others.issue("client");
  }

  @AfterEach
  void stop() {
    servers.forEach(RedisProcess::close);
    servers.clear();
  }

  @AfterAll
  void releasePorts() {
    ports.forEach(RedisProcess::close);
  }

  /** A port for TLS, beside the one without that a {@link RedisProcess} listens on. */
  private int port() {
    RedisProcess down = RedisProcess.start();
    down.kill();
    ports.add(down);
    return down.port();
  }

  private void start(int port, String... options) {
    List<String> all = new ArrayList<>(List.of("--tls-port", Integer.toString(port)));
    all.addAll(List.of("--tls-cert-file", ours.certificate("server").toString()));
    all.addAll(List.of("--tls-key-file", ours.key("server").toString()));
    all.addAll(List.of("--tls-ca-cert-file", ours.authorities().toString()));
    all.addAll(List.of("--tls-auth-clients", "yes"));
    all.addAll(List.of(options));
    servers.add(RedisProcess.start(program, all.toArray(String[]::new)));
  }

  private RedisConfig config(String uri) {
    return RedisConfig.of(uri)
        .withAuthorities(ours.authorities())
        .withClientCertificate(ours.certificate("client"), ours.key("client"));
  }

  private static NewJob job(String queue) {
    return NewJob.builder(queue, "j", "t", "payload").build();
  }

  private static void assertWorks(RedisBackend backend, String queue) throws InterruptedException {
    var hints = new Semaphore(0);
    backend.jobQueue().onWork(queue, hints::release);
    hints.acquire();
    backend.jobQueue().enqueue(List.of(job(queue)));
    assertThat(backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs()).hasSize(1);
    assertThat(backend.leaseStore().acquire("lease of " + queue, "me", LEASE)).isPresent();
  }

  @Test
  @DisplayName(
      "a server with a private authority that asks for a certificate is used, by hints too")
  void oneServer() throws InterruptedException {
    int port = port();
    start(port);
    try (var backend = RedisBackend.open(config("rediss://127.0.0.1:" + port))) {
      assertWorks(backend, "q");
    }
  }

  @Test
  @DisplayName(
      "without the authority, or with no or a foreign certificate, the store does not open")
  void refused() {
    int port = port();
    String uri = "rediss://127.0.0.1:" + port;
    start(port);
    for (RedisConfig wrong :
        List.of(
            RedisConfig.of(uri),
            RedisConfig.of(uri).withAuthorities(ours.authorities()),
            RedisConfig.of(uri)
                .withClientCertificate(ours.certificate("client"), ours.key("client")),
            config(uri).withAuthorities(others.authorities()),
            config(uri)
                .withClientCertificate(others.certificate("client"), others.key("client")))) {
      assertThatThrownBy(() -> RedisBackend.open(wrong))
          .as(wrong.toString())
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse())
          .hasMessageContaining("127.0.0.1:" + port);
    }
  }

  @Test
  @DisplayName("a file that is missing is named at once, and so is an address without TLS")
  void wrongSettings(@TempDir Path directory) {
    Path missing = directory.resolve("missing.pem");
    RedisConfig config = config("rediss://127.0.0.1:1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisBackend.open(config.withAuthorities(missing)))
        .withMessage(
            "certificates of the authorities must be a file that can be read, was " + missing);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RedisBackend.open(
                    config.withClientCertificate(ours.certificate("client"), missing)))
        .withMessage("key must be a file that can be read, was " + missing);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config("redis://127.0.0.1:1"))
        .withMessageContaining("uri must start with rediss:// or rediss-sentinel://");
  }

  @Test
  @DisplayName("the files are read again for each connection, so that they can be renewed")
  void renewed(@TempDir Path directory) throws IOException {
    int port = port();
    Path certificate = directory.resolve("client.pem");
    Path key = directory.resolve("key.pem");
    copy(ours, certificate, key);
    RedisConfig config =
        config("rediss://127.0.0.1:" + port).withClientCertificate(certificate, key);
    start(port);
    try (var backend = RedisBackend.open(config)) {
      // The first call makes a connection.
      copy(others, certificate, key);
      assertThatThrownBy(() -> backend.jobQueue().find("q", "j"))
          .isInstanceOf(StoreException.class);
      copy(ours, certificate, key);
      assertThat(backend.jobQueue().find("q", "j")).isEmpty();
    }
  }

  private static void copy(TestCertificates from, Path certificate, Path key) throws IOException {
    Files.copy(from.certificate("client"), certificate, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(from.key("client"), key, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  @DisplayName("the sentinels and the master that they name are asked with the certificate")
  void sentinel() throws InterruptedException {
    int masterPort = port();
    int sentinelPort = port();
    start(masterPort);
    start(
        sentinelPort,
        ("--tls-replication yes --sentinel monitor main 127.0.0.1 " + masterPort + " 1")
            .split(" "));
    String uri = "rediss-sentinel://127.0.0.1:" + sentinelPort + "/0#main";
    try (var backend = RedisBackend.open(config(uri))) {
      assertWorks(backend, "q");
    }
  }

  @Test
  @DisplayName("all nodes of a cluster are asked with the certificate")
  void cluster() throws InterruptedException {
    List<Integer> tls = List.of(port(), port());
    try (var client = RedisClient.create()) {
      for (int port : tls) {
        start(
            port,
            "--cluster-enabled",
            "yes",
            "--cluster-announce-ip",
            "127.0.0.1",
            "--tls-cluster",
            "yes");
      }
      List<RedisCommands<String, String>> admins =
          servers.stream().map(node -> client.connect(RedisURI.create(node.uri())).sync()).toList();
      admins.get(0).clusterAddSlots(IntStream.range(0, 8_192).toArray());
      admins.get(1).clusterAddSlots(IntStream.range(8_192, 16_384).toArray());
      admins.get(0).clusterMeet("127.0.0.1", tls.get(1));
      for (RedisCommands<String, String> admin : admins) {
        while (!knowsAll(admin.clusterInfo())) {
          Thread.sleep(20);
        }
      }
      try (var backend = RedisBackend.open(config("rediss://127.0.0.1:" + tls.get(0)))) {
        for (int i = 0; i < 10; i++) {
          assertWorks(backend, "q" + i);
        }
      }
      assertThat(admins).allSatisfy(admin -> assertThat(admin.dbsize()).isGreaterThan(10));
    }
  }

  private static boolean knowsAll(String info) {
    return info.contains("cluster_state:ok") && info.contains("cluster_slots_assigned:16384");
  }
}
