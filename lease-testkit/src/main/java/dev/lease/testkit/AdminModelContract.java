package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random calls of workers and operators agree with the reference [Q47]. */
abstract class AdminModelContract extends AdminRaceContract {

  @Test
  @Tag(Tags.MODEL)
  @DisplayName(
      "Q47 a random sequence of calls of workers and operators agrees with the reference step by step")
  void randomCallsAgreeWithTheReference(StoreUnderTest store) throws Exception {
    new JobModel(store.fixture, List.of(one, two), true, this::storeNow).run();
  }
}
