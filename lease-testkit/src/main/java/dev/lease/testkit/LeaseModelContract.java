package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Named leases: the store answers random calls as the reference does [Q47]. */
abstract class LeaseModelContract extends LeasePairContract {

  @Test
  @Tag(Tags.MODEL)
  @DisplayName("Q47 the store agrees with the reference after each of a sequence of random calls")
  void randomCallsAgreeWithTheReference(StoreUnderTest store) throws Exception {
    new LeaseModel(store.fixture, List.of(one, two), this::storeNow).run();
  }
}
