package dev.lease.examples.proof;

/** What befalls a worker. */
enum ProofStrike {
  /** It is killed with SIGKILL. */
  KILL("killed"),

  /**
   * It is stopped with SIGSTOP until another has done its job, and then goes on as if nothing was.
   */
  STOP("stopped till done"),

  /** It is stopped with SIGSTOP until another works on its job, and goes on while that does. */
  MEET("stopped till taken");

  private final String shown;

  ProofStrike(String shown) {
    this.shown = shown;
  }

  String shown() {
    return shown;
  }
}
