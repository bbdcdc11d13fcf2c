package dev.lease.console;

import dev.lease.Limits;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;

/** The guards that need no password. */
final class Guards {

  private Guards() {}

  /** Whoever is on this machine. Behind a proxy on it that would be everybody, so none may be. */
  static Guard local() {
    Viewer viewer =
        Viewer.of(System.getProperty("user.name", "local"), Access.CHANGE).withPayloads();
    return request ->
        Optional.of(viewer)
            .filter(all -> isLoopback(request.getRemoteAddr()) && !isForwarded(request));
  }

  private static boolean isForwarded(HttpServletRequest request) {
    return request.getHeader("Forwarded") != null || request.getHeader("X-Forwarded-For") != null;
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
      String name = request.getHeader(header);
      return name == null || !proxies.contains(request.getRemoteAddr())
          ? Optional.empty()
          : viewer(name, access);
    };
  }

  private static Optional<Viewer> viewer(String name, Access access) {
    try {
      return Optional.of(Viewer.of(Limits.oneLine(name), access).withPayloads());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
