package dev.lease.testkit;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Queues: the store answers random calls as the reference does [Q47]. */
abstract class JobModelContract extends JobStateContract {

  @Test
  @Tag(Tags.MODEL)
  @DisplayName("Q47 the store agrees with the reference after each of a sequence of random calls")
  void randomCallsAgreeWithTheReference(StoreUnderTest store) throws Exception {
    new JobModel(store.fixture, List.of(one, two), false, this::storeNow).run();
  }

  @Test
  @Since(2)
  @Tag(Tags.MODEL)
  @DisplayName("Q36 tokens grow wherever the clock is set back between random calls")
  void tokensGrowWhenTheClockIsSetBack(StoreUnderTest store) throws Exception {
    setBack(Duration.ZERO);
    new SetBackModel<>(new JobModel(store.fixture, List.of(one, two), false, this::storeNow)).run();
  }
}
