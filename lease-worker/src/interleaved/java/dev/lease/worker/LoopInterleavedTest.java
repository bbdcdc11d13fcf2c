package dev.lease.worker;

import static dev.lease.interleaved.Schedules.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.interleaved.Schedules;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LoopInterleavedTest {

  /** Planted: {@code Signal.await} forgets what was raised before it waits. */
  @Test
  void sleepsThroughNoRaise() {
    Schedules.search(
        "loop-raise",
        () -> {
          var signal = new Signal();
          var work = new ConcurrentLinkedQueue<Integer>();
          var done = new CountDownLatch(3);
          var lane =
              new Loop(
                  "lane",
                  signal,
                  () -> {
                    while (work.poll() != null) {
                      done.countDown();
                    }
                    return HOUR;
                  },
                  Thread::new);
          var other =
              new Thread(
                  () -> {
                    work.add(1);
                    signal.raise();
                    work.add(2);
                    signal.raise();
                  });
          lane.start();
          other.start();
          work.add(3);
          signal.raise();
          done.await();
          other.join();
          lane.end();
          assertThat(lane.awaitEnd(HOUR)).isTrue();
        });
  }
}
