package dev.lease.examples.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lease, or a peer in Java: a fresh JVM that has compiled nothing yet. */
record JvmPeer(String name) implements Peer {

  @Override
  public void install(Progress progress) {
    // The build has installed it.
  }

  @Override
  public List<String> command(List<String> jvm) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // SQLite's driver loads a native library.
    command.addAll(List.of("-Xmx2g", "--enable-native-access=ALL-UNNAMED"));
    command.add("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Child.class.getName(), name));
    return command;
  }
}
