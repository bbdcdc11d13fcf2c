package dev.lease.examples.mutants;

import java.io.IOException;
import java.util.Set;

/** Listens to what the files with probes say, until the process ends. */
interface Probes {

  /** The blocks, with their files, that were reached since this was asked last. */
  Set<String> reached() throws IOException;
}
