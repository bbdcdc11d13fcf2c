package dev.lease.examples.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which process of this machine listens on a port. Linux shows it to users who may know. */
final class Listening {

  private static final String STATE_LISTEN = "0A";

  private Listening() {}

  /** The process of a store's server; empty if it is on another machine, or of another user. */
  static OptionalLong at(String url) {
    URI uri = URI.create(url.replaceFirst("^jdbc:", ""));
    StoreKind kind = StoreKind.of(url);
    try {
      if (uri.getHost() == null || !isLocal(uri.getHost())) {
        return OptionalLong.empty();
      }
      return at(uri.getPort() > 0 ? uri.getPort() : defaultPort(kind));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  private static int defaultPort(StoreKind kind) {
    return switch (kind) {
      case POSTGRESQL -> 5432;
      case MARIADB -> 3306;
      case REDIS -> 6379;
      case SQLITE -> throw new IllegalArgumentException("SQLite has no server");
    };
  }

  private static boolean isLocal(String host) throws IOException {
    InetAddress address = InetAddress.getByName(host);
    return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
  }

  private static OptionalLong at(int port) throws IOException {
    Set<String> sockets = sockets(port);
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(path -> path.getFileName().toString().matches("\\d+"))
          .filter(path -> holdsAny(path, sockets))
          .mapToLong(path -> Long.parseLong(path.getFileName().toString()))
          // The children of a server have its sockets, too, and are younger.
          .min();
    }
  }

  private static Set<String> sockets(int port) throws IOException {
    String suffix = ":%04X".formatted(port);
    List<String> lines = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      if (Files.exists(Path.of(table))) {
        lines.addAll(Files.readAllLines(Path.of(table)));
      }
    }
    return lines.stream()
        .map(line -> line.strip().split(" +", -1))
        .filter(fields -> fields[1].endsWith(suffix) && fields[3].equals(STATE_LISTEN))
        .map(fields -> "socket:[" + fields[9] + "]")
        .collect(Collectors.toSet());
  }

  private static boolean holdsAny(Path process, Set<String> sockets) {
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      return files.anyMatch(file -> isAny(file, sockets));
    } catch (IOException e) {
      // The process has ended, or belongs to another user.
      return false;
    }
  }

  private static boolean isAny(Path file, Set<String> sockets) {
    try {
      return sockets.contains(Files.readSymbolicLink(file).toString());
    } catch (IOException e) {
      return false;
    }
  }
}
