package dev.lease.testkit;

/** One of the two queues of a random sequence, so that a store may mix them up. */
enum ModelQueue {
  MAIN(""),
  ASIDE(".aside");

  private final String suffix;

  ModelQueue(String suffix) {
    this.suffix = suffix;
  }

  /** The queue's name in one run of the sequence. */
  String name(String run) {
    return run + suffix;
  }

  /** The source text of its name. */
  String code() {
    return suffix.isEmpty() ? "queue" : "queue + " + JavaSource.of(suffix);
  }
}
