package dev.lease.examples.benchmark;

import java.io.IOException;
import java.util.List;

/** Who is measured, as the one who measures sees it: a program that plays roles. */
interface Peer {

  String name();

  /**
   * Gets it here, if it is not.
   *
   * @param progress is told when that takes long
   */
  void install(Progress progress) throws IOException, InterruptedException;

  /**
   * How one of its processes is started; a role and settings come behind that.
   *
   * @param jvm what a JVM is told beside what it always is
   */
  List<String> command(List<String> jvm);

  /** The one of a name; any name that is not one of the peers in Node is one in Java. */
  static Peer of(String name) {
    return NodePeer.NAMES.contains(name) ? new NodePeer(name) : new JvmPeer(name);
  }
}
