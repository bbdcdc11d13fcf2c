package dev.lease.worker;

import java.util.concurrent.atomic.LongAdder;

/** What a worker has done so far. */
final class Counters {
  final LongAdder settled = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder lost = new LongAdder();
}
