package dev.lease.examples.mutants;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Takes long, so that it is no test of the normal build: see the README. */
class PostgresqlMutants {

  @Test
  @DisplayName("the kit finds each mutant of PostgreSQL's own statements but those with a reason")
  void areFound() throws Exception {
    MutationRun.assertFound(Store.POSTGRESQL);
  }
}
