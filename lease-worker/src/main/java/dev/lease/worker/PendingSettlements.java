package dev.lease.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/** The settlements that wait for the dispatcher. While one batch is on its way the next gathers. */
final class PendingSettlements {

  private final ConcurrentLinkedDeque<PendingSettlement> endings = new ConcurrentLinkedDeque<>();
  private final Signal dispatcher;

  PendingSettlements(Signal dispatcher) {
    this.dispatcher = dispatcher;
  }

  void add(PendingSettlement ending) {
    endings.addLast(ending);
    dispatcher.raise();
  }

  boolean isEmpty() {
    return endings.isEmpty();
  }

  List<PendingSettlement> take(int most) {
    List<PendingSettlement> batch = new ArrayList<>();
    while (batch.size() < most) {
      PendingSettlement ending = endings.pollFirst();
      if (ending == null) {
        break;
      }
      batch.add(ending);
    }
    return batch;
  }

  /** To be sent again before all others. */
  void putBack(List<PendingSettlement> batch) {
    for (int i = batch.size() - 1; i >= 0; i--) {
      endings.addFirst(batch.get(i));
    }
  }
}
