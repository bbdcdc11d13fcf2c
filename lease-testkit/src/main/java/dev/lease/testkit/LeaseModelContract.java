package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Named leases: random calls agree with the reference. */
abstract class LeaseModelContract extends LeaseRaceContract {

  @Test
  @Tag(Tags.MODEL)
  @DisplayName("L05 L07 L11 a random sequence of calls agrees with the reference step by step")
  void randomCallsAgreeWithTheReference(StoreUnderTest store) throws Exception {
    new LeaseModel(store.fixture, List.of(one, two), this::storeNow).run();
  }
}
