package dev.lease.examples.benchmark;

/** The role of a child process. */
@FunctionalInterface
interface Role {
  /**
   * Plays the role.
   *
   * @param peer what is measured
   * @param target the store and the settings
   * @param lines the connection to the parent
   */
  void play(JavaPeer peer, Target target, Lines lines) throws Exception;
}
