package dev.lease.examples.proof;

/** What is done to a worker. */
enum ProofStrike {
  /** It is killed with SIGKILL. */
  KILL("killed"),

  /** It is suspended with SIGSTOP until another worker has done its job, and then resumed. */
  STOP("suspended till done"),

  /** It is suspended with SIGSTOP until another worker works on its job, and then resumed. */
  MEET("suspended till taken");

  private final String shown;

  ProofStrike(String shown) {
    this.shown = shown;
  }

  String shown() {
    return shown;
  }
}
