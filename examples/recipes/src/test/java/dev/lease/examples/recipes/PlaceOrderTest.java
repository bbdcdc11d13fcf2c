package dev.lease.examples.recipes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lease.Backend;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobEvent.End;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.TestWorker;
import dev.lease.worker.TestedAttempt;
import dev.lease.worker.Worker;
import dev.lease.worker.junit.TestWorkerExtension;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PlaceOrderTest {

  // The program: what it builds its worker with.

  record Order(String item, int amount) {}

  interface Exchange {
    String place(Order order, String key) throws IOException;
  }

  static final JobType<Order> PLACE = JobType.of("orders", "place-order", Order.class);
  static final JobType<String> MAIL = JobType.of("mails", "send-mail", String.class);

  static Worker.Builder worker(Backend backend, Exchange exchange) {
    JobClient client = JobClient.of(backend);
    return Worker.builder(backend)
        .handle(
            PLACE,
            (order, context) -> {
              String key = context.idempotencyKey("place");
              String number = context.step("place", String.class, () -> exchange.place(order, key));
              client.enqueue(client.job(MAIL, "mail-" + context.jobId(), number).build());
              context.result(number);
            },
            RetryPolicy.fixed(Duration.ofMinutes(1)));
  }

  // The tests: a clock that they move, an exchange that they control, and a fresh store for each.

  static final Order TEA = new Order("tea", 2);

  final ManualClock clock = new ManualClock();
  final List<String> placed = new ArrayList<>();
  boolean exchangeIsDown;

  @RegisterExtension
  final TestWorkerExtension lease =
      TestWorkerExtension.of(
          () -> new InMemoryBackend(clock), backend -> worker(backend, this::placeInTest));

  String placeInTest(Order order, String key) throws IOException {
    if (exchangeIsDown) {
      throw new IOException("the exchange is down");
    }
    placed.add(key);
    return "order 7";
  }

  @Test
  void anOrderIsPlacedAndAMailIsEnqueued(TestWorker worker) {
    TestedAttempt attempt = worker.run(PLACE, TEA);

    assertEquals(End.SUCCEEDED, attempt.end(), attempt::toString);
    assertEquals("order 7", attempt.result(String.class).orElseThrow());
    worker.assertEnqueued(MAIL, mail -> mail.contains("7"));
  }

  @Test
  void itIsTriedAgainAMinuteLater(TestWorker worker, JobClient client) {
    client.enqueue(PLACE, TEA);
    exchangeIsDown = true;
    assertEquals(End.RETRIED, worker.drain().get(0).end());
    worker.assertNotEnqueued(MAIL, mail -> true);

    exchangeIsDown = false;
    clock.advance(Duration.ofMinutes(1));
    assertEquals(End.SUCCEEDED, worker.drain().get(0).end());
  }

  @Test
  void aLaterAttemptDoesNotPlaceItAgain(TestWorker worker) {
    TestedAttempt attempt = worker.job(PLACE, TEA).attempt(2).keptStep("place", "order 7").run();

    assertEquals(End.SUCCEEDED, attempt.end(), attempt::toString);
    assertEquals(List.of(), placed);
  }

  @Test
  void ifThatIsNotKeptTheExchangeGetsTheSameKeyAgain(TestWorker worker) {
    TestedAttempt lost = worker.job(PLACE, TEA).losesLeaseIn("place").run();
    assertEquals(End.LOST, lost.end(), lost::toString);
    worker.drain();

    assertEquals(2, placed.size());
    assertEquals(placed.get(0), placed.get(1));
  }

  @Test
  void aCancelledOrderIsNotPlaced(TestWorker worker) {
    TestedAttempt attempt = worker.job(PLACE, TEA).cancelled().run();

    assertEquals(End.CANCELLED, attempt.end(), attempt::toString);
    assertEquals(List.of(), placed);
  }
}
