package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Limits;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class IsolatedQueuesTest extends WorkerFixture {

  @Test
  @DisplayName("W23 where the store has become slow for all queues, none of them stays isolated")
  void allSlow() {
    WorkerConfig config = config().build();
    var handlers = new HandlerRegistry();
    handlers.add(new HandlerRegistration<>(TEXT, (payload, context) -> {}, patient()));
    var held = new HeldJobs(FROZEN, FAR, NO_EVENTS);
    var outage = new StoreOutage("w", NO_EVENTS, () -> {});
    var repair =
        new SettlementRepair(jobs, held, outage, config.maxBackoff(), new Signal(), () -> {});
    var pending = new PendingSettlements(held, repair, queue -> false, new Signal());
    var threads = HandlerThreads.of(false, "test-handler-", 1);
    var slots =
        new Slots(
            1,
            new LookAhead(0, Limits.DEFAULT_CLAIM_BYTES, FAR),
            threads,
            job -> {},
            System::nanoTime,
            () -> {},
            queue -> 0);
    var unreadable = new UnreadablePayloads(jobs, FAR, FAR, held, new LeaseLoss(jobs));
    var claims = new Claims(jobs, config, handlers, slots, held, pending, outage, unreadable);
    var queues =
        List.of(
            new PolledQueue(TEXT.queue(), 1, 1, config), new PolledQueue("other", 1, 1, config));
    var isolated =
        new IsolatedQueues(
            new QueueRotation(queues, config.pollInterval()),
            slots,
            claims,
            () -> true,
            () -> {},
            1);

    slots.tripTook(1);
    queues.forEach(queue -> queue.setIsolated(true));
    jobs.onClaim =
        (queue, call) -> {
          TimeUnit.MILLISECONDS.sleep(300); // A trip that counts as slow among quick ones.
          return call.get();
        };
    eventually(
        () -> {
          queues.forEach(PolledQueue::expect);
          isolated.round();
          return queues.stream().noneMatch(PolledQueue::isIsolated);
        });
    threads.shutdown();
    assertThat(held).isEmpty();
  }
}
