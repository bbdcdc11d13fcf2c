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

/** A request that was let through, and its answer. */
record Visit(
    HttpServletRequest request,
    HttpServletResponse response,
    Viewer viewer,
    String token,
    ByteArrayOutputStream body) {

  Visit(HttpServletRequest request, HttpServletResponse response, Viewer viewer, String token) {
    this(request, response, viewer, token, new ByteArrayOutputStream());
  }

  /** A parameter without blanks around it; null if it is not there or empty. */
  @Nullable String param(String name) {
    String value = request.getParameter(name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  /** A name, exactly as it was sent: it may begin or end with blanks. */
  String name(String parameter) {
    return Limits.name(parameter, request.getParameter(parameter));
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
   * @throws Refusal if no reason was given
   */
  Operator operator() {
    String reason = param("reason");
    if (reason == null) {
      throw new Refusal(400, "Say why: the store keeps the reason. Nothing was done.");
    }
    return Operator.of(viewer.name(), reason);
  }

  /** Who did what, why, and how it ended, in one line: not every store records it. */
  String told() {
    String form =
        request.getParameterMap().entrySet().stream()
            .filter(field -> !field.getKey().equals("token"))
            .map(field -> field.getKey() + "=" + String.join(",", field.getValue()))
            .sorted()
            .collect(Collectors.joining(", "));
    return Limits.oneLine(
        "%s: %s with %s, led to %s"
            .formatted(viewer.name(), request.getPathInfo(), form, response.getHeader("Location")));
  }

  Frame frame(String title) {
    return new Frame(
        base(request),
        request.getPathInfo() == null ? "/" : request.getPathInfo(),
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
    response.setHeader("ETag", tag);
    boolean fresh = tag.equals(request.getHeader("If-None-Match"));
    if (fresh) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
    }
    return fresh;
  }

  void send(int status, String type, byte[] bytes) {
    response.setStatus(status);
    response.setContentType(type);
    response.setContentLength(bytes.length);
    body.writeBytes(bytes);
  }

  /** Writes what was sent, to a browser that may be slow: nothing of the store is in use now. */
  void write() throws IOException {
    body.writeTo(response.getOutputStream());
  }

  /** Sends the browser to a page by a GET, so that to load that again changes nothing. */
  void redirect(String path, String... params) {
    response.setStatus(HttpServletResponse.SC_SEE_OTHER);
    response.setHeader("Location", Frame.url(base(request), path, params));
  }
}
