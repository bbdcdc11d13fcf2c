package dev.lease.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/** The settlements that wait for the courier. While one batch is on its way the next gathers. */
final class Outbox {

  private final ConcurrentLinkedDeque<Ending> endings = new ConcurrentLinkedDeque<>();
  private final Signal courier;

  Outbox(Signal courier) {
    this.courier = courier;
  }

  void add(Ending ending) {
    endings.addLast(ending);
    courier.raise();
  }

  boolean isEmpty() {
    return endings.isEmpty();
  }

  List<Ending> take(int most) {
    List<Ending> batch = new ArrayList<>();
    while (batch.size() < most) {
      Ending ending = endings.pollFirst();
      if (ending == null) {
        break;
      }
      batch.add(ending);
    }
    return batch;
  }

  /** To be sent again before all others. */
  void putBack(List<Ending> batch) {
    for (int i = batch.size() - 1; i >= 0; i--) {
      endings.addFirst(batch.get(i));
    }
  }
}
