package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;

/** A store in a file, and a console on it. */
record TestConsole(Backend backend, Console console) implements AutoCloseable {

  private static final Pattern TOKEN = Pattern.compile("name=\"token\" value=\"([\\w-]+)\"");

  private static byte[] empty = {};

  static TestConsole open(Path folder) {
    return open(folder, builder -> builder);
  }

  static TestConsole open(Path folder, UnaryOperator<Console.Builder> settings) {
    Path file = folder.resolve("jobs.db");
    if (!Files.exists(file)) {
      copy(file);
    }
    Backend backend = JdbcBackend.open(config(file).withMigrate(false));
    return new TestConsole(backend, settings.apply(Console.on(backend)).start());
  }

  private static JdbcConfig config(Path file) {
    return JdbcConfig.of("jdbc:sqlite:" + file).withOrderSlack(Duration.ZERO);
  }

  /** An empty store is made once: to migrate one lasts longer than most tests. */
  private static synchronized void copy(Path file) {
    try {
      if (empty.length == 0) {
        JdbcBackend.open(config(file)).close();
        empty = Files.readAllBytes(file);
      } else {
        Files.write(file, empty);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The table of the console. */
  List<Route> routes() {
    Key key = new SecretKeySpec(new byte[1], Token.ALGORITHM);
    Guard nobody = request -> Optional.empty();
    return new Routes(new Settings(backend, nobody, Access.CHANGE, Set.of(), key, false, null))
        .all();
  }

  Http http() {
    return new Http(URI.create(console.url()));
  }

  Http.Answer get(String path) {
    return http().get(path);
  }

  /** Sends a form of a page of this console. */
  Http.Answer act(String path, Map<String, String> form) {
    Map<String, String> signed = new HashMap<>(form);
    signed.put("token", token());
    return http().post(path, signed);
  }

  String token() {
    NewJob job = NewJob.builder("of-the-test", "token", "none", "").build();
    backend.jobQueue().enqueue(List.of(job));
    Matcher token = TOKEN.matcher(get("/job?queue=of-the-test&id=token").body());
    assertThat(token.find()).as("a form with a token").isTrue();
    return token.group(1);
  }

  static String link(String queue, String id) {
    return "/job?queue=" + encoded(queue) + "&id=" + encoded(id);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  void enqueue(String queue, String... ids) {
    for (String id : ids) {
      enqueue(NewJob.builder(queue, id, "mail", "{}").build());
    }
  }

  void enqueue(NewJob job) {
    assertThat(backend.jobQueue().enqueue(List.of(job)).get(0).created()).isTrue();
  }

  JobLease claim(String queue, String owner) {
    List<ClaimedJob> jobs =
        backend.jobQueue().claim(ClaimRequest.of(queue, owner, 1, Duration.ofHours(1))).jobs();
    assertThat(jobs).hasSize(1);
    return jobs.get(0).lease();
  }

  void settle(Settlement settlement) {
    assertThat(backend.jobQueue().settle(List.of(settlement)))
        .containsExactly(Settlement.Result.ACCEPTED);
  }

  void fail(String queue, String id, String error) {
    enqueue(queue, id);
    settle(Settlement.failed(claim(queue, "worker-1"), error));
  }

  @Override
  public void close() {
    console.close();
    backend.close();
  }
}
