package dev.lease.console;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Chromium without a window, driven by its DevTools protocol, with one page. */
final class Chromium implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 120;
  private static final String LISTENING = "DevTools listening on ";

  private final JsonMapper json = new JsonMapper();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final StringBuilder text = new StringBuilder();
  private final Process process;
  private final WebSocket socket;
  private final String session;

  /** What a page must not do: dialogs, errors of scripts, violations of the policy. */
  final List<String> complaints = new CopyOnWriteArrayList<>();

  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

  static Optional<Path> program() {
    return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  Chromium(Path program, Path profile) throws IOException {
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--force-device-scale-factor=1",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String address =
        out.lines()
            .filter(line -> line.startsWith(LISTENING))
            .map(line -> line.substring(LISTENING.length()))
            .findFirst()
            .orElseThrow(() -> new IOException("Chromium has ended"));
    Thread drain = new Thread(() -> out.lines().forEach(line -> {}), "chromium-out");
    drain.setDaemon(true);
    drain.start();
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address.trim()), new Listener())
            .join();
    String target =
        call(null, "Target.createTarget", Map.of("url", "about:blank")).get("targetId").asString();
    session =
        call(
                null,
                "Target.attachToTarget",
                Map.<String, Object>of("targetId", target, "flatten", true))
            .get("sessionId")
            .asString();
    for (String part : List.of("Page", "Runtime", "Log")) {
      call(part + ".enable", Map.of());
    }
  }

  private final class Listener implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        JsonNode message = json.readTree(text.toString());
        text.setLength(0);
        take(message);
      }
      from.request(1);
      return null;
    }
  }

  private void take(JsonNode message) {
    if (message.has("id")) {
      CompletableFuture<JsonNode> answer =
          Objects.requireNonNull(answers.remove(message.get("id").asInt()));
      if (message.has("error")) {
        answer.completeExceptionally(new IllegalStateException(message.get("error").toString()));
      } else {
        answer.complete(message.get("result"));
      }
      return;
    }
    switch (message.get("method").asString()) {
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Page.javascriptDialogOpening", "Runtime.exceptionThrown" ->
          complaints.add(message.toString());
      case "Log.entryAdded" -> {
        JsonNode entry = message.get("params").get("entry");
        // A page that is refused is one, and is wanted by some tests.
        if (!entry.get("source").asString().equals("network")) {
          complaints.add(message.toString());
        }
      }
      default -> {}
    }
  }

  private JsonNode call(String method, Map<String, ?> params) {
    return call(session, method, params);
  }

  private JsonNode call(@Nullable String of, String method, Map<String, ?> params) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    Map<String, Object> message =
        new HashMap<>(Map.<String, Object>of("id", id, "method", method, "params", params));
    if (of != null) {
      message.put("sessionId", of);
    }
    socket.sendText(json.writeValueAsString(message), true).join();
    return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  void size(int width, int height, String scheme) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.<String, Object>of(
            "width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  void open(String url) {
    awaitLoad(() -> call("Page.navigate", Map.of("url", url)));
  }

  /** Does what loads another page, and waits for that. */
  void awaitLoad(Runnable what) {
    loaded = new CompletableFuture<>();
    what.run();
    loaded.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  JsonNode eval(String expression) {
    return call(
            "Runtime.evaluate",
            Map.<String, Object>of("expression", expression, "returnByValue", true))
        .get("result")
        .path("value");
  }

  void await(String condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!eval(condition).asBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("never true: " + condition);
      }
    }
  }

  void type(String typed) {
    call("Input.insertText", Map.of("text", typed));
  }

  void press(String key, int code) {
    Map<String, Object> event =
        new HashMap<>(
            Map.<String, Object>of(
                "type", "keyDown", "key", key, "code", key, "windowsVirtualKeyCode", code));
    if (key.equals("Enter")) {
      event.put("text", "\r");
    }
    call("Input.dispatchKeyEvent", event);
    event.put("type", "keyUp");
    call("Input.dispatchKeyEvent", event);
  }

  JsonNode accessibleNodes() {
    return call("Accessibility.getFullAXTree", Map.of()).get("nodes");
  }

  byte[] picture() {
    return Base64.getDecoder()
        .decode(call("Page.captureScreenshot", Map.of("format", "png")).get("data").asString());
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }
}
