package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.Limits;
import dev.lease.Operator;
import dev.lease.console.pages.Did;
import dev.lease.console.pages.Frame;
import dev.lease.console.pages.Pages;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A request that was let through, and its answer. It has a copy of what it needs: whoever answers
 * it may go on when the server has given the request up, and has taken its objects for another one.
 */
final class Visit {

  private static final int MOST_LOGGED = 1_000;

  private final Map<String, String> params = new HashMap<>();
  private final String base;
  private final String path;
  private final @Nullable String known;
  private final Viewer viewer;
  private final String token;
  private final Map<String, String> headers = new HashMap<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status = HttpServletResponse.SC_OK;

  Visit(HttpServletRequest request, Viewer viewer, String token) {
    request.getParameterMap().forEach((name, values) -> params.put(name, values[0]));
    this.base = base(request);
    this.path = request.getPathInfo() == null ? "/" : request.getPathInfo();
    this.known = request.getHeader("If-None-Match");
    this.viewer = viewer;
    this.token = token;
  }

  Viewer viewer() {
    return viewer;
  }

  /** A parameter exactly as it was sent; null if it is not there or empty. */
  @Nullable String exact(String name) {
    String value = params.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** A parameter without blanks around it; null if it is not there or empty. */
  @Nullable String param(String name) {
    String value = params.get(name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  /** A name, exactly as it was sent: it may begin or end with blanks. */
  String name(String parameter) {
    String name = exact(parameter);
    if (name == null) {
      throw new Refusal(400, "The request has no " + parameter + ".");
    }
    return Limits.name(parameter, name);
  }

  /**
   * A number.
   *
   * @throws IllegalArgumentException if it is none
   */
  int number(String name) {
    try {
      return Integer.parseInt(name(name).strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a number", e);
    }
  }

  /**
   * Who acts, and why.
   *
   * @throws Refusal if no reason was given, or one that nobody can see
   */
  Operator operator() {
    String reason = param("reason");
    if (reason == null || reason.codePoints().allMatch(Visit::isInvisible)) {
      throw new Refusal(400, "Say why: the store keeps the reason. Nothing was done.");
    }
    return Operator.of(viewer.name(), reason);
  }

  private static boolean isInvisible(int c) {
    int type = Character.getType(c);
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || type == Character.FORMAT
        || type == Character.CONTROL;
  }

  /** Who does what, and why, in one line: not every store records it. */
  String asked() {
    String form =
        params.entrySet().stream()
            .filter(field -> !field.getKey().equals("token"))
            .map(field -> field.getKey() + "=" + cut(field.getValue()))
            .sorted()
            .collect(Collectors.joining(", "));
    return Limits.oneLine("%s: %s with %s".formatted(viewer.name(), path, form));
  }

  /** The page that the browser is sent to; null if it is sent to none. */
  @Nullable String location() {
    return headers.get("Location");
  }

  private static String cut(String value) {
    return value.length() > MOST_LOGGED ? value.substring(0, MOST_LOGGED) + ".." : value;
  }

  Frame frame(String title) {
    return new Frame(
        base,
        path,
        title,
        viewer.name(),
        viewer.access().covers(Access.CHANGE),
        token,
        Instant.now(),
        did());
  }

  private @Nullable String did() {
    String did = param("did");
    return Arrays.stream(Did.values())
        .filter(known -> known.name().equals(did))
        .map(Did::words)
        .findFirst()
        .orElse(null);
  }

  /** Where the console is: empty, or the path at which a program has mounted it. */
  static String base(HttpServletRequest request) {
    return request.getContextPath() + request.getServletPath();
  }

  void show(String page, String title, Map<String, Object> params) {
    Map<String, Object> all = new HashMap<>(params);
    all.put("frame", frame(title));
    send(200, "text/html;charset=utf-8", Pages.render(page, all).getBytes(UTF_8));
  }

  /** Answers 304 if the browser says that it has this version of the page. */
  boolean isFresh(String tag) {
    headers.put("ETag", tag);
    boolean fresh = tag.equals(known);
    if (fresh) {
      status = HttpServletResponse.SC_NOT_MODIFIED;
    }
    return fresh;
  }

  void send(int status, String type, byte[] bytes) {
    this.status = status;
    headers.put("Content-Type", type);
    headers.put("Content-Length", Integer.toString(bytes.length));
    body.writeBytes(bytes);
  }

  /** Lets the browser keep what it gets for some minutes. */
  void mayBeKept() {
    headers.put("Cache-Control", "max-age=300");
  }

  /** Writes what was sent, to a browser that may be slow: nothing of the store is in use now. */
  void write(HttpServletResponse response) throws IOException {
    response.setStatus(status);
    headers.forEach(response::setHeader);
    body.writeTo(response.getOutputStream());
  }

  /** Sends the browser to a page by a GET, so that to load that again changes nothing. */
  void redirect(String path, String... params) {
    status = HttpServletResponse.SC_SEE_OTHER;
    headers.put("Location", Frame.url(base, path, params));
  }
}
