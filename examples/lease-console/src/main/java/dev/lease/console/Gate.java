package dev.lease.console;

import dev.lease.Limits;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides in one place, before any page, which requests are served. */
final class Gate {

  /** A form with a filter and a reason is small. */
  static final int MOST_BYTES = 64 * 1024;

  /** With these no page of another site can show what is here, run scripts in it, or read it. */
  static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
              + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          // With no-referrer a browser would say "Origin: null" for a form of this console as well.
          "Referrer-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Settings settings;
  private final Token token;

  Gate(Settings settings) {
    this.settings = settings;
    this.token = new Token(settings.secret());
  }

  /**
   * Refuses a name that is not this console's. A page of another site could give itself the address
   * of the console, and would then read it as its own.
   */
  void checkHost(HttpServletRequest request) {
    String host = name(request.getHeader("Host"));
    boolean isLocal = Guards.isLoopback(request.getLocalAddr()) && LOCAL.contains(host);
    if (!isLocal && !settings.hosts().contains(host) && !isAddress(request, host)) {
      throw new Refusal(
          421,
          "The console is not known by this name: start it with allowHost, --allow-host, or"
              + " lease.console.hosts in Spring Boot.");
    }
  }

  private static boolean isAddress(HttpServletRequest request, String host) {
    String address = request.getLocalAddr();
    return Guards.isSame(host.replaceFirst("^\\[(.*)]$", "$1"), address);
  }

  private static String name(@Nullable String host) {
    return host == null ? "" : host.toLowerCase(Locale.ROOT).replaceFirst(":\\d*$", "");
  }

  Viewer viewer(HttpServletRequest request, HttpServletResponse response) {
    return settings
        .guard()
        .viewer(request)
        .map(viewer -> viewer.atMost(settings.most()))
        .orElseThrow(
            () -> {
              String challenge = settings.guard().challenge();
              if (challenge == null) {
                return new Refusal(403, "The console does not know you.");
              }
              response.setHeader("WWW-Authenticate", challenge);
              return new Refusal(401, "The console wants a name and a password.");
            });
  }

  void checkAccess(Viewer viewer, Route route) {
    if (!viewer.access().covers(route.access())) {
      boolean mode = !settings.most().covers(route.access());
      throw new Refusal(
          403,
          mode
              ? "This console is for reading only."
              : "You may not do this: it needs the access " + route.access() + ".");
    }
  }

  /** Refuses a change that a page of another site has sent, or that is too large to be read. */
  void checkOrigin(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin")) {
      throw new Refusal(403, "This came from another site: it was not done.");
    }
    String origin = request.getHeader("Origin");
    if (origin != null && !isOwn(origin, request.getHeader("Host"))) {
      throw new Refusal(403, "This came from a page of another origin: it was not done.");
    }
    long bytes = request.getContentLengthLong();
    if (bytes < 0) {
      throw new Refusal(411, "A form has to say its length.");
    }
    if (bytes > MOST_BYTES) {
      throw new Refusal(413, "A form has at most " + MOST_BYTES + " bytes.");
    }
  }

  /** Refuses a change that names a field twice, or one that its forms lack: it may be misspelt. */
  void checkFields(HttpServletRequest request, Route route) {
    request
        .getParameterMap()
        .forEach(
            (name, values) -> {
              if (values.length > 1 || !route.fields().contains(name)) {
                throw new Refusal(
                    400,
                    (values.length > 1 ? "The request names this twice: " : "There is no field ")
                        + Limits.oneLine(name)
                        + ". Nothing was done.");
              }
            });
  }

  /** Refuses a change without the token of a form. */
  void checkToken(HttpServletRequest request, Viewer viewer) {
    if (!token.isGood(viewer, request.getParameter("token"), Instant.now())) {
      throw new Refusal(
          403, "The page with this form is too old: load it again, nothing was done.");
    }
  }

  private static boolean isOwn(String origin, @Nullable String host) {
    try {
      String authority = URI.create(origin).getAuthority();
      return authority != null && authority.equalsIgnoreCase(host);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  String token(Viewer viewer) {
    return token.of(viewer, Instant.now());
  }
}
