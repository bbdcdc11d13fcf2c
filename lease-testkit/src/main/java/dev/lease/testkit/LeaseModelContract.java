package dev.lease.testkit;

import java.time.Duration;
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

  @Test
  @Since(2)
  @Tag(Tags.MODEL)
  @DisplayName("L05 tokens grow wherever the clock is set back between random calls")
  void tokensGrowWhenTheClockIsSetBack(StoreUnderTest store) throws Exception {
    setBack(Duration.ZERO);
    new SetBackModel<>(new LeaseModel(store.fixture, List.of(one, two), this::storeNow)).run();
  }
}
