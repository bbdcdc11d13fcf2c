package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.testkit.server.RedisCluster;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.PasswordAuthentication;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Credentials that change while a store is open. */
@Timeout(120)
class RedisCredentialsTest {

  private final AtomicReference<PasswordAuthentication> credentials = new AtomicReference<>();
  private final RedisClient client = RedisClient.create();

  @AfterEach
  void close() {
    client.shutdown(0, 1, TimeUnit.SECONDS);
  }

  private RedisConfig config(String uri) {
    return RedisConfig.of(uri).withCredentials(credentials::get);
  }

  private void use(String user, String password) {
    credentials.set(new PasswordAuthentication(user, password.toCharArray()));
  }

  private RedisCommands<String, String> connect(RedisProcess server) {
    return client.connect(RedisURI.create(server.uri())).sync();
  }

  private static void allow(RedisCommands<String, String> server, String user, String password) {
    server.aclSetuser(
        user,
        AclSetuserArgs.Builder.on()
            .addPassword(password)
            .keyPattern("*")
            .channelPattern("*")
            .allCommands());
  }

  private static NewJob job(String queue, String id) {
    return NewJob.builder(queue, id, "t", "").build();
  }

  /** As those do who were told that the store does not answer. */
  private static void enqueue(RedisBackend backend, NewJob job) throws InterruptedException {
    while (true) {
      try {
        backend.jobQueue().enqueue(List.of(job));
        return;
      } catch (StoreException e) {
        Thread.sleep(20);
      }
    }
  }

  @Test
  @DisplayName("a store goes on with the credentials of the day, for calls and for hints")
  void changing() throws InterruptedException {
    try (var server = RedisProcess.start("--requirepass", "secret");
        var admin = client.connect(RedisURI.create(server.uri().replace("//", "//:secret@")))) {
      allow(admin.sync(), "monday", "one");
      use("monday", "one");
      try (var backend = RedisBackend.open(config(server.uri()))) {
        var hints = new Semaphore(0);
        backend.jobQueue().onWork("q", hints::release);
        hints.acquire();
        backend.jobQueue().enqueue(List.of(job("q", "a")));

        allow(admin.sync(), "tuesday", "two");
        use("tuesday", "two");
        // This closes the connections of that user, too.
        admin.sync().aclDeluser("monday");

        enqueue(backend, job("q", "b"));
        assertThat(backend.jobQueue().find("q", "b")).isPresent();
        var others = new Semaphore(0);
        backend.jobQueue().onWork("other", others::release);
        others.acquire();
      }
    }
  }

  @Test
  @SuppressWarnings("NullAway") // As programs without annotations may do.
  @DisplayName("while there are no credentials, calls fail with the reason and change nothing")
  void none() {
    try (var server = RedisProcess.start()) {
      allow(connect(server), "app", "one");
      use("app", "one");
      try (var backend = RedisBackend.open(config(server.uri()))) {
        use("app", "wrong");
        assertNotDone(backend, "WRONGPASS");
        use("app", "one");
        assertThat(backend.jobQueue().find("q", "a")).isEmpty();
      }
      RedisConfig failing =
          RedisConfig.of(server.uri())
              .withCredentials(
                  () -> {
                    throw new IllegalStateException("no token today");
                  });
      assertThatThrownBy(() -> RedisBackend.open(failing))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("no token today");
      RedisConfig empty = RedisConfig.of(server.uri()).withCredentials(() -> null);
      assertThatThrownBy(() -> RedisBackend.open(empty))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("the supplier of the credentials returned null");
    }
  }

  private static void assertNotDone(RedisBackend backend, String reason) {
    assertThatThrownBy(() -> backend.jobQueue().enqueue(List.of(job("q", "a"))))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse())
        .hasMessageContaining(reason);
  }

  @Test
  @Tag("slow")
  @DisplayName("all nodes of a cluster get the credentials of the day")
  void cluster() throws InterruptedException {
    try (var cluster = RedisCluster.start()) {
      List<RedisCommands<String, String>> admins =
          cluster.nodes().stream().map(this::connect).toList();
      admins.forEach(admin -> allow(admin, "monday", "one"));
      admins.forEach(admin -> allow(admin, "tuesday", "two"));
      use("monday", "one");
      try (var backend = RedisBackend.open(config(cluster.uri()))) {
        for (int i = 0; i < 10; i++) {
          backend.jobQueue().enqueue(List.of(job("q" + i, "a")));
        }
        use("tuesday", "two");
        admins.forEach(admin -> admin.aclDeluser("monday"));
        for (int i = 0; i < 10; i++) {
          enqueue(backend, job("q" + i, "b"));
        }
        assertThat(admins).allSatisfy(admin -> assertThat(admin.dbsize()).isPositive());
      }
    }
  }

  @Test
  @DisplayName("the credentials stand in no text")
  void secret() {
    use("app", "geheim");
    assertThat(config("redis://user:alt@localhost").toString())
        .contains("credentials=supplied")
        .doesNotContain("geheim", "alt", "app");
  }
}
