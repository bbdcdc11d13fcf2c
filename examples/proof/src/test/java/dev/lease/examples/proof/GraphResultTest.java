package dev.lease.examples.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.examples.shared.StoreName;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GraphResultTest {

  private static final GraphPlan PLAN = new GraphPlan("q", 1_200, 5);

  private int kills = 5;
  private long tooSoon;
  private boolean early;
  private long done = 1_200;
  private long missing;
  private long heldTwice;
  private long sum = 720_600;
  private long left;

  private String failures() {
    return String.join(
        "; ",
        new GraphResult(
                new StoreName("sqlite:x.db"),
                PLAN,
                kills,
                tooSoon,
                early,
                done,
                8,
                3,
                missing,
                heldTwice,
                2,
                sum,
                left,
                Duration.ZERO)
            .failures());
  }

  @Test
  void anExactSumAfterAllOrdersIsGood() {
    assertThat(failures()).isEmpty();
  }

  @Test
  void aKillThatWasNotMadeFails() {
    kills--;
    assertThat(failures()).isEqualTo("workers that were killed: 4, not 5");
  }

  @Test
  void anOrderThatRanBeforeTheGraphWasStoredFails() {
    tooSoon = 1;
    assertThat(failures()).isEqualTo("orders that ran before the whole graph was stored: 1, not 0");
  }

  @Test
  void aStatementThatBeganEarlyFails() {
    early = true;
    assertThat(failures()).isEqualTo("the statement began before the last order had ended");
  }

  @Test
  void anOrderThatIsNotDoneFails() {
    done--;
    assertThat(failures()).isEqualTo("orders that are done: 1199, not 1200");
  }

  @Test
  void anEffectThatIsMissingFails() {
    missing = 1;
    assertThat(failures()).isEqualTo("orders without their effect: 1, not 0");
  }

  @Test
  void aJobThatIsHeldTwiceFails() {
    heldTwice = 2;
    assertThat(failures()).isEqualTo("jobs that two attempts held at once: 2, not 0");
  }

  @Test
  void aSumThatIsOffByOneFails() {
    sum++;
    assertThat(failures()).isEqualTo("the sum: 720601, not 720600");
  }

  @Test
  void aJobThatIsLeftFails() {
    left = 1;
    assertThat(failures()).isEqualTo("jobs that have not ended: 1, not 0");
  }

  @Test
  void theKillsAreSpreadOverTheOrders() {
    assertThat(PLAN.struckOrders())
        .containsExactlyInAnyOrder("graph/order/299", "graph/order/599", "graph/order/899");
    assertThat(PLAN.lastOrder()).isEqualTo("graph/order/1199");
    assertThat(PLAN.strikes()).hasSize(PLAN.kills());
  }

  @Test
  void aPlanThatCannotBeKeptIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GraphPlan("q", 1_000, 5))
        .withMessageContaining("was 1000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GraphPlan("q", 1_200, 1))
        .withMessageContaining("was 1:");
  }
}
