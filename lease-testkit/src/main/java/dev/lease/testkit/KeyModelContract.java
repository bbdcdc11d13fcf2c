package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The store gives and passes on the slots of keys as the reference does [Q47]. */
@Since(3)
abstract class KeyModelContract extends KeyRateContract {

  @Test
  @Tag(Tags.MODEL)
  @DisplayName(
      "Q47 Q62 the store agrees with the reference after each of a sequence of random calls on jobs"
          + " with keys")
  void randomCallsOnKeysAgreeWithTheReference(StoreUnderTest store) throws Exception {
    new KeyModel(new JobModel(store.fixture, List.of(one, two), true, this::storeNow)).run();
  }
}
