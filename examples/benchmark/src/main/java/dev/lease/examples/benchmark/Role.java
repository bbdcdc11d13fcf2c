package dev.lease.examples.benchmark;

/** What a child does. */
@FunctionalInterface
interface Role {
  /**
   * Does it.
   *
   * @param peer what is measured
   * @param target the store, and the settings
   * @param lines what it says to its parent
   */
  void play(JavaPeer peer, Target target, Lines lines) throws Exception;
}
