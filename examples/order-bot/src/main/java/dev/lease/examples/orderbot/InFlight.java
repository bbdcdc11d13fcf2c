package dev.lease.examples.orderbot;

import static java.util.stream.Collectors.toCollection;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the exchange works on, as its log tells it line by line. A request counts only if its token
 * is the newest of its order so far: an older one is that of a worker that has lost the order.
 */
final class InFlight {

  private final List<OrderRequest> open = new ArrayList<>();
  private final Map<String, Long> newest = new HashMap<>();

  /** Takes the next line of the log. */
  void read(LogLine line) {
    OrderRequest request = line.request();
    newest.merge(line.orderId(), request.token(), Math::max);
    if (line.isAsked()) {
      open.add(request);
    } else {
      open.remove(request);
    }
  }

  /** The ids of the orders that the exchange works on. */
  Set<String> orders() {
    return open.stream()
        .filter(request -> newest.getOrDefault(request.order().id(), 0L) == request.token())
        .map(request -> request.order().id())
        .collect(toCollection(TreeSet::new));
  }
}
