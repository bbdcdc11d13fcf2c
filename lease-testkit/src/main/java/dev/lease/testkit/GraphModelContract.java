package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The store lets jobs of graphs go, and cancels them, as the reference does [Q47]. */
@Since(3)
abstract class GraphModelContract extends GraphOperatorContract {

  @Test
  @Tag(Tags.MODEL)
  @DisplayName(
      "Q47 Q73 the store agrees with the reference after each of a sequence of random calls on jobs"
          + " of graphs")
  void randomCallsOnGraphsAgreeWithTheReference(StoreUnderTest store) throws Exception {
    new GraphModel(new JobModel(store.fixture, List.of(one, two), true, this::storeNow)).run();
  }
}
