package dev.lease.worker;

import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.worker.StoreCalls.Call;
import dev.lease.worker.StoreCalls.Kind;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives hints of finished jobs to whoever awaits them. Nobody waits for a hint: one that hangs
 * delays no settlement, and whoever awaits a job polls as well [Q55, W23].
 */
final class FinishHints implements Consumer<String> {

  private static final Logger log = LoggerFactory.getLogger(FinishHints.class);

  private final JobQueue jobs;
  private final StoreCalls calls;
  private final Set<String> waiting = ConcurrentHashMap.newKeySet();

  FinishHints(JobQueue jobs, StoreCalls calls) {
    this.jobs = jobs;
    this.calls = calls;
  }

  @Override
  public void accept(String queue) {
    // One hint tells of all the jobs that finished before it.
    waiting.add(queue);
    give();
  }

  /** Gives those that wait, as far as there is room. */
  void give() {
    for (String queue : List.copyOf(waiting)) {
      if (calls.hasRoom(Kind.HINT, queue) && waiting.remove(queue) && !calls.start(hint(queue))) {
        waiting.add(queue);
      }
    }
  }

  private Call<?> hint(String queue) {
    return Call.of(
        Kind.HINT,
        queue,
        () -> jobs.hint(queue),
        e -> log.debug("The hint of queue {} could not be given", Limits.oneLine(queue), e));
  }
}
