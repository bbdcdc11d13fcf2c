package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Queues: random calls agree with the reference [Q47]. */
abstract class JobModelContract extends JobRaceContract {

  @Test
  @Tag(Tags.MODEL)
  @DisplayName("Q47 a random sequence of calls agrees with the reference step by step")
  void randomCallsAgreeWithTheReference(StoreUnderTest store) throws Exception {
    new JobModel(store.fixture, List.of(one, two), false, this::storeNow).run();
  }
}
