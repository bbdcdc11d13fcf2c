package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Admission;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Settlement;
import dev.lease.testkit.InMemoryBackend;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SoakLimitsTest {

  private static final String QUEUE = "customers";

  private final InMemoryBackend store = new InMemoryBackend(InstantSource.system());
  private final Drawn drawn = new Drawn();
  private final SoakLimits limits = limits(store.admission());

  @Test
  void aBoundStaysAsLongAsWorkersHoldMoreThanTheLimit() {
    change(3);
    List<ClaimedJob> held = claim(enqueue(4));
    assertThat(held).hasSize(3);
    assertThat(look()).isEqualTo(3);

    change(1);
    assertThat(look()).isEqualTo(3);
    done(held.get(0));
    assertThat(look()).isEqualTo(3);
    done(held.get(1));
    assertThat(look()).isEqualTo(1);
  }

  @Test
  void aBoundRisesBeforeALimitIsSetAndFallsOnlyAfterIt() {
    change(1);
    assertThat(look()).isEqualTo(1);

    drawn.slots = 4;
    limits.draw(0);
    assertThat(look()).isEqualTo(4);
    limits.set();
    assertThat(look()).isEqualTo(4);

    drawn.slots = 2;
    limits.draw(0);
    assertThat(look()).isEqualTo(4);
    limits.set();
    assertThat(look()).isEqualTo(2);
  }

  @Test
  void whatIsNotFinishedIsLeftOver() {
    change(1);
    ClaimedJob held = claim(enqueue(1)).get(0);
    assertThat(limits.seen().leftOver())
        .singleElement()
        .asString()
        .contains("acme")
        .contains("held=1");

    done(held);
    assertThat(limits.seen().leftOver()).isEmpty();
    assertThat(limits.seen().changes()).isEqualTo(1);
  }

  @Test
  void aSlotThatIsFreeWhileAJobIsHeldBackLiesIdle() {
    SoakLimits ofIdle = limits(idle());
    drawn.slots = 2;
    ofIdle.draw(0);
    ofIdle.set();
    Instant first = Instant.now();
    ofIdle.look();
    while (Instant.now().isBefore(first.plusMillis(10))) {
      Thread.onSpinWait();
    }
    ofIdle.look();

    assertThat(ofIdle.seen().longestIdle()).isGreaterThanOrEqualTo(Duration.ofMillis(1));
  }

  @Test
  void noSlotLiesIdleWhileAWorkerHoldsTheOnlyOne() {
    change(1);
    claim(enqueue(2));
    limits.look();
    limits.look();

    assertThat(limits.seen().longestIdle()).isZero();
  }

  private SoakLimits limits(Admission admission) {
    return new SoakLimits(admission, QUEUE, List.of("acme"), drawn, System.out);
  }

  /** A store that gives a slot that is free to nobody. */
  private static Admission idle() {
    KeyState state = KeyState.builder("acme").admitted(1).heldBack(1).build();
    return (Admission)
        Proxy.newProxyInstance(
            SoakLimitsTest.class.getClassLoader(),
            new Class<?>[] {Admission.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "keys" -> KeyPage.of(List.of(state), null);
                  case "apply" -> 0;
                  default -> null;
                });
  }

  private void change(int slots) {
    drawn.slots = slots;
    limits.draw(0);
    limits.set();
  }

  private int look() {
    limits.look();
    return limits.seen().bounds().at("acme", Instant.now());
  }

  private int enqueue(int count) {
    for (int n = 1; n <= count; n++) {
      Order order = new Order("order-" + n, "COCOA", 1).of("acme");
      CreateJobsCommand.enqueue(store, QUEUE, 1, List.of(order));
    }
    return count;
  }

  private List<ClaimedJob> claim(int count) {
    return store
        .jobQueue()
        .claim(ClaimRequest.of(QUEUE, "worker", count, Duration.ofHours(1)))
        .jobs();
  }

  private void done(ClaimedJob job) {
    store.jobQueue().settle(List.of(Settlement.done(job.lease())));
  }

  /** Draws what it is told. */
  private static final class Drawn extends Random {

    private int slots;

    @Override
    public int nextInt(int bound) {
      return slots;
    }
  }
}
