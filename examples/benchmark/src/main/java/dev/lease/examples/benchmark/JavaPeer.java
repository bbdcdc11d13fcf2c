package dev.lease.examples.benchmark;

/** Something in Java that can be measured; found by {@link java.util.ServiceLoader}. */
public interface JavaPeer {

  /**
   * The name on the command line.
   *
   * @return the name
   */
  String name();

  /** Its jobs, if it has any. */
  default Subject jobs(Target target) {
    throw new UnsupportedOperationException(name() + " has no jobs");
  }

  /** Its locks, if it has any. */
  default Locks locks(Target target) {
    throw new UnsupportedOperationException(name() + " has no locks");
  }
}
