package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.GraphAnswer;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.Requeueing;
import dev.lease.testkit.Caller.Reply;
import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Operated.Act;
import java.util.List;
import java.util.Set;

/** A producer and operator of graphs that makes random calls and notes them in a history. */
final class GraphCaller {

  private static final Set<JobAdmin.Cancellation> CANCELS =
      Set.of(JobAdmin.Cancellation.CANCELLED, JobAdmin.Cancellation.REQUESTED);

  private final Caller caller;
  private final JobCaller worker;
  private final List<JobGraphs> stores;
  private final JobAdmin admin;
  private final String queue;
  private final boolean hasKeys;

  GraphCaller(Caller caller, JobCaller worker, List<Backend> backends, String queue) {
    this.caller = caller;
    this.worker = worker;
    this.stores = backends.stream().map(Backend::jobGraphs).map(caller.faults::wrap).toList();
    this.admin = caller.faults.wrap(backends.get(0).jobAdmin());
    this.queue = queue;
    this.hasKeys = backends.get(0).capabilities().contains(Capability.KEYS);
  }

  /** Makes a random call with some of these graphs. */
  void act(List<HistoryGraph> graphs) {
    HistoryGraph graph = caller.any(graphs);
    int dice = caller.random.nextInt(100);
    if (dice < 20) {
      add(graph, caller.random.nextBoolean());
    } else if (dice < 30) {
      operate(caller.any(graph.ids()));
    } else {
      worker.work(graph.ids());
    }
  }

  void add(HistoryGraph graph, boolean isLast) {
    Reply<GraphAnswer> reply =
        caller.call(() -> caller.any(stores).add(graph.piece(queue, isLast, hasKeys)));
    caller.note(
        new Event.Added(
            reply.span(),
            graph.id(),
            reply.answer(
                answer ->
                    answer.kind() == GraphAnswer.Kind.STORED
                            || answer.kind() == GraphAnswer.Kind.COMPLETE
                        ? Answer.YES
                        : Answer.NO),
            isLast));
  }

  private void operate(String id) {
    Act act = caller.any(List.of(Act.CANCEL, Act.REQUEUE, Act.REQUEUE, Act.DELETE));
    Reply<Boolean> reply =
        caller.call(
            () ->
                switch (act) {
                  case CANCEL -> CANCELS.contains(admin.cancel(queue, id));
                  case REQUEUE ->
                      admin.requeue(queue, id, Requeueing.now()) == JobAdmin.Requeue.REQUEUED;
                  case DELETE -> admin.delete(queue, id);
                });
    caller.note(
        new Event.Operated(
            reply.span(), id, reply.answer(done -> done ? Answer.YES : Answer.NO), act));
  }
}
