package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LeasePageTest {

  private static final List<Lease> LEASES = List.of(lease("a"), lease("b"));

  private static Lease lease(String name) {
    return Lease.of(name, "owner", 1, Instant.EPOCH.plusSeconds(1), Instant.EPOCH);
  }

  @Test
  @DisplayName("L33 a full page has a next one, and a page with more leases than that is refused")
  void upTo() {
    assertThat(LeasePage.upTo(3, LEASES).next()).isNull();
    assertThat(LeasePage.upTo(2, LEASES).next()).isEqualTo("b");
    assertThatThrownBy(() -> LeasePage.upTo(1, LEASES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("leases must be 1 or fewer, were 2");
  }
}
