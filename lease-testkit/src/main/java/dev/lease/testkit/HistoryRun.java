package dev.lease.testkit;

import static org.assertj.core.api.Assertions.fail;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.KeyLimit;
import dev.lease.testkit.StoreFixture.Time;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A history that several threads made on two backend objects, with faults, and the laws that it
 * breaks.
 *
 * @param seed the seed of all random choices
 * @param violations the broken laws
 */
record HistoryRun(long seed, List<Violation> violations) {

  private static final int THREADS = 4;

  /** How many calls each thread makes. */
  private static final int CALLS = 200;

  /** How often the time is moved; less often if the kit must wait for it. */
  private static final int MOVES = 20;

  private static final int WAITS = 2;

  /** Makes the history of a queue. In the end every job that exists is finished. */
  static HistoryRun ofJobs(
      StoreFixture fixture, List<Backend> backends, String queue, Duration lease) throws Exception {
    List<String> ids = IntStream.range(0, 40).mapToObj(number -> "job-" + number).toList();
    return of(
        fixture,
        lease,
        caller -> {
          var worker = new JobCaller(caller, backends, queue, lease);
          return () -> worker.act(ids);
        },
        caller -> {
          var last = new JobCaller(caller, backends, queue, lease);
          last.workOff(ids.size());
          ids.forEach(last::find);
        },
        JobHistoryCheck::check);
  }

  /** Makes the history of a queue whose jobs have keys with limits. */
  static HistoryRun ofKeys(
      StoreFixture fixture, List<Backend> backends, String queue, Duration lease) throws Exception {
    Admission admission = backends.get(0).admission();
    admission.limit(queue, null, KeyLimit.of(1));
    admission.limit(queue, KeyHistoryCheck.TWO_SLOTS, KeyLimit.of(2));
    admission.limit(queue, KeyHistoryCheck.IN_ORDER, KeyLimit.of(1).inOrder());
    List<String> keys =
        List.of(KeyHistoryCheck.TWO_SLOTS, KeyHistoryCheck.ALONE, KeyHistoryCheck.IN_ORDER);
    List<String> ids =
        keys.stream()
            .flatMap(key -> IntStream.range(0, 12).mapToObj(i -> KeyHistoryCheck.id(key, i)))
            .toList();
    List<String> last =
        keys.stream().map(key -> KeyHistoryCheck.id(key, KeyHistoryCheck.LAST)).toList();
    List<String> turns =
        KeyHistoryCheck.TURNS.stream()
            .flatMap(key -> IntStream.range(0, 4).mapToObj(i -> KeyHistoryCheck.id(key, i)))
            .toList();
    return of(
        fixture,
        lease,
        caller -> {
          var worker = new JobCaller(caller, backends, queue, lease);
          return () -> worker.act(ids);
        },
        caller -> {
          var worker = new JobCaller(caller, backends, queue, lease);
          worker.workOff(ids.size());
          worker.enqueue(last);
          worker.workOff(last.size());
          last.forEach(worker::find);
          worker.enqueue(turns);
          turns.forEach(
              turn -> {
                caller.advance(fixture.unit());
                worker.finishOne();
              });
        },
        KeyHistoryCheck::check);
  }

  /** Makes the history of a queue with random graphs. In the end each of them has ended. */
  static HistoryRun ofGraphs(
      StoreFixture fixture, List<Backend> backends, String queue, Duration lease) throws Exception {
    if (backends.get(0).capabilities().contains(Capability.KEYS)) {
      backends.get(0).admission().limit(queue, HistoryGraph.KEY, KeyLimit.of(2));
    }
    var random = new Random(newSeed());
    List<HistoryGraph> graphs =
        IntStream.range(0, 12).mapToObj(i -> HistoryGraph.random("graph-" + i, random)).toList();
    return of(
        fixture,
        lease,
        caller -> {
          var worker = new JobCaller(caller, backends, queue, lease);
          var producer = new GraphCaller(caller, worker, backends, queue);
          return () -> producer.act(graphs);
        },
        caller -> {
          var worker = new JobCaller(caller, backends, queue, lease);
          var producer = new GraphCaller(caller, worker, backends, queue);
          graphs.forEach(graph -> producer.add(graph, true));
          graphs.forEach(graph -> worker.workOff(graph.ids().size()));
          graphs.forEach(graph -> graph.ids().forEach(worker::find));
        },
        history -> GraphHistoryCheck.check(graphs, history));
  }

  /** Makes the history of some names with a common beginning. In the end all of them are free. */
  static HistoryRun ofLeases(
      StoreFixture fixture, List<Backend> backends, String common, Duration leaseDuration)
      throws Exception {
    List<String> names = List.of(common + "-a", common + "-b", common + "-c");
    return of(
        fixture,
        leaseDuration,
        caller -> {
          var holder = new LeaseCaller(caller, backends, leaseDuration);
          return () -> holder.act(names);
        },
        caller -> {
          var last = new LeaseCaller(caller, backends, leaseDuration);
          names.forEach(last::find);
          names.forEach(last::acquire);
        },
        LeaseHistoryCheck::check);
  }

  private static long newSeed() {
    return Long.getLong("lease.kit.seed", ThreadLocalRandom.current().nextLong());
  }

  /**
   * Lets each thread make random calls, then moves the time until every lease has expired, then
   * lets a last caller act without faults.
   */
  private static HistoryRun of(
      StoreFixture fixture,
      Duration lease,
      Function<Caller, Runnable> actor,
      Consumer<Caller> last,
      Function<List<Event>, List<Violation>> check)
      throws Exception {
    long seed = newSeed();
    boolean frozen = fixture.time() == Time.FROZEN;
    var history = new History(fixture::advance, frozen);
    int callsToMove = CALLS / (fixture.time() == Time.REAL ? WAITS : MOVES);
    Together.run(
        THREADS,
        thread -> {
          Runnable act = actor.apply(new Caller("thread " + thread, history, seed + thread, true));
          for (int i = 1; i <= CALLS; i++) {
            act.run();
            if (thread == 0 && i % callsToMove == 0) {
              history.advance(lease.dividedBy(2));
            }
          }
          return thread;
        });
    history.advance(lease);
    last.accept(new Caller("last", history, seed, false));
    return new HistoryRun(seed, check.apply(history.events()));
  }

  /** Fails with the calls that break the law, if there are any. */
  void assertKeeps(Law law) {
    List<Violation> broken =
        violations.stream().filter(violation -> violation.law() == law).toList();
    if (!broken.isEmpty()) {
      fail(
          "%s%nThe first of %d such cases. -Dlease.kit.seed=%d repeats the random choices, but"
              + " the threads may interleave differently.",
          broken.get(0), broken.size(), seed);
    }
  }
}
