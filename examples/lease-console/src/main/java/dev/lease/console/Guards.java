package dev.lease.console;

import dev.lease.Limits;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Principal;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The guards that need no password. */
final class Guards {

  /** Proxies say by these, and by those that begin with X-Forwarded-, that they are there. */
  private static final Set<String> OF_PROXIES =
      Set.of(
          "forwarded",
          "via",
          "x-real-ip",
          "x-client-ip",
          "true-client-ip",
          "cf-connecting-ip",
          "fly-client-ip",
          "x-original-host");

  private Guards() {}

  /**
   * Whoever is on this machine. Behind a proxy on it that would be everybody, so a request with a
   * header of a proxy is nobody's.
   */
  static Guard local() {
    Viewer viewer =
        Viewer.of(System.getProperty("user.name", "local"), Access.CHANGE).withPayloads();
    return request ->
        Optional.of(viewer)
            .filter(all -> isLoopback(request.getRemoteAddr()) && !isForwarded(request));
  }

  private static boolean isForwarded(HttpServletRequest request) {
    return Collections.list(request.getHeaderNames()).stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .anyMatch(name -> name.startsWith("x-forwarded-") || OF_PROXIES.contains(name));
  }

  static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Whom a proxy names, if the request comes from one of these addresses. */
  static Guard forwarded(String header, Access access, Set<String> proxies) {
    return request -> {
      List<String> names = Collections.list(request.getHeaders(header));
      // A proxy that adds its header to one that a browser sent leaves two: which is forged?
      return names.size() != 1 || !isOneOf(proxies, request.getRemoteAddr())
          ? Optional.empty()
          : viewer(names.get(0), access);
    };
  }

  /** Whom the server knows, if it has given them a role. */
  static Guard role(String role, Access access) {
    return request -> {
      Principal user = request.getUserPrincipal();
      return user == null || !request.isUserInRole(role)
          ? Optional.empty()
          : viewer(user.getName(), access);
    };
  }

  /** One address of IPv6 can be written in many ways. */
  static boolean isOneOf(Set<String> addresses, String address) {
    return addresses.stream().anyMatch(each -> isSame(each, address));
  }

  static boolean isSame(String one, String other) {
    if (!one.contains(":") || !other.contains(":")) {
      // Not by a look-up: whoever owns a name could give it any address.
      return one.equals(other);
    }
    try {
      return InetAddress.getByName(one).equals(InetAddress.getByName(other));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static Optional<Viewer> viewer(String name, Access access) {
    try {
      return Optional.of(Viewer.of(Limits.oneLine(name), access).withPayloads());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
