package dev.lease.examples.mutants;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Takes long, so that it is no test of the normal build: see the README. */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class PostgresqlMutants {

  @Test
  @DisplayName("the kit finds each mutant of PostgreSQL's own statements but those with a reason")
  void areFound() throws Exception {
    MutationRun.assertFound(Store.POSTGRESQL);
  }
}
