package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SettlementTest {

  @Test
  void aSettlementOfAKindThatAStoreDoesNotKnowIsRefused() {
    var lease = JobLease.of("queue", "id", "owner", 1, Instant.EPOCH);
    Settlement done = Settlement.done(lease);
    Settlement later = new LaterSettlement(lease);
    Set<Class<? extends Settlement>> known = Set.of(Settlement.Done.class);

    assertThat(Settlement.batch(List.of(done), known)).containsExactly(done);
    assertThatThrownBy(() -> Settlement.batch(List.of(done, later), known))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("this store knows no settlement LaterSettlement");
  }

  /** One of a version to come. */
  private static final class LaterSettlement extends Settlement {
    LaterSettlement(JobLease lease) {
      super(lease);
    }

    @Override
    List<@Nullable Object> rest() {
      return List.of();
    }
  }
}
