package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls to the store, each for one queue, which may hang. A call is made on a thread of its own.
 * Its caller waits for it a little, then leaves it alone and goes on. So a call that hangs costs
 * its queue only [W23].
 *
 * <p>The calls of each kind are counted, apart for each store where the queues are in several. A
 * queue may have one under way while fewer than {@link #MOST} are, and a further one only if every
 * other queue of its store could then have one too. A call that lasts longer than the store allows
 * is given up: it fails with an unknown outcome, and no longer takes the place of others. If it
 * returns after all, its answer is still handled [W29]. Safe for use by many threads.
 */
final class StoreCalls {

  /** What a call does. */
  enum Kind {
    CLAIM("a claim", Places.CLAIMS),
    SETTLE("a settlement", Places.SETTLEMENTS),
    EXTEND("an extension", Places.EXTENSIONS),
    FIND("a look at a job", Places.OTHERS),
    PROGRESS("a write of progress", Places.OTHERS),
    STEP("a call of a step", Places.OTHERS),
    CLOSE("a close of a key", Places.OTHERS),
    HINT("a hint", Places.OTHERS),
    NAMED("a call for a named lease", Places.OTHERS),
    REPORT("a report", Places.REPORTS),
    SUBSCRIBE("a subscription", Places.LONG),
    UPKEEP("upkeep", Places.LONG),
    SCHEDULE("a look at a schedule", Places.LONG);

    private final String noun;
    private final Places places;

    Kind(String noun, Places places) {
      this.noun = noun;
      this.places = places;
    }
  }

  /** The kinds that share places are counted as one. */
  private enum Places {
    CLAIMS,
    SETTLEMENTS,
    EXTENSIONS,
    OTHERS,
    /** Nothing depends on them, so health does not tell of them. */
    REPORTS,
    /** For many calls in a row, which may last. */
    LONG
  }

  /**
   * A call, and what its answer leads to.
   *
   * @param send calls the store, on another thread than the caller's
   * @param answered handles the answer, on the caller's thread, or in its lane if the caller has
   *     left the call. This may come after a failure, if the call was given up
   * @param failed handles a failure, where the answer would be handled
   */
  record Call<T>(
      Kind kind, String queue, Supplier<T> send, Consumer<T> answered, Consumer<Throwable> failed) {

    /** A call without an answer. */
    static Call<?> of(Kind kind, String queue, Runnable send, Consumer<Throwable> failed) {
      Supplier<Boolean> sent =
          () -> {
            send.run();
            return true;
          };
      return new Call<>(kind, queue, sent, done -> {}, failed);
    }
  }

  /**
   * So many queues may have a call of one kind under way: three may hang, and the fourth place
   * serves all others. A store serves as many at once [W23].
   */
  static final int MOST = 4;

  private static final Logger log = LoggerFactory.getLogger(StoreCalls.class);

  /** How long a caller waits for its call before it goes on. */
  private static final long PATIENCE = Duration.ofMillis(100).toNanos();

  /** How long a caller that is no lane waits, for room and for its call. */
  private static final long WAIT_FOR_ROOM = Duration.ofSeconds(1).toNanos();

  private final int most;
  private final Supplier<Stream<String>> queues;
  private final UnaryOperator<String> storeOf;
  private final long longest;
  private final Executor threads;
  private final LongSupplier nanoTime;
  private final Runnable onRoom;

  // Guarded by this, as are the fields of calls under way.
  private final List<UnderWay> underWay = new ArrayList<>();
  private final Set<String> slow = new HashSet<>();
  private boolean stopping;
  private boolean hasRefused;

  /**
   * @param most how many queues may have a call of one kind under way
   * @param queues the queues that there are now
   * @param storeOf the store of a queue: if all calls to one hang, those to others have room
   * @param longest how long the store says that a call may last
   * @param threads runs each call on a thread of its own
   * @param nanoTime the monotonic clock
   * @param onRoom called when there may be room again after there was none
   */
  StoreCalls(
      int most,
      Supplier<Stream<String>> queues,
      UnaryOperator<String> storeOf,
      Duration longest,
      Executor threads,
      LongSupplier nanoTime,
      Runnable onRoom) {
    this.most = most;
    this.queues = queues;
    this.storeOf = storeOf;
    this.longest = longest.toNanos();
    this.threads = threads;
    this.nanoTime = nanoTime;
    this.onRoom = onRoom;
  }

  /** Whether a call may be made now. If not, {@code onRoom} will be called when it may be. */
  synchronized boolean hasRoom(Kind kind, String queue) {
    boolean hasRoom = isFree(kind, queue);
    hasRefused |= !hasRoom;
    return hasRoom;
  }

  /**
   * Whether calls of a queue wait because some never returned. If so, {@code onRoom} will be called
   * when they may be made.
   */
  synchronized boolean isPausing(Kind kind, String queue) {
    boolean isPausing = isToPause(kind, queue);
    hasRefused |= isPausing;
    return isPausing;
  }

  private boolean isFree(Kind kind, String queue) {
    if (underWay.isEmpty()) {
      return true;
    }
    String store = storeOf.apply(queue);
    int counted = 0;
    Set<String> busy = new HashSet<>();
    for (UnderWay call : underWay) {
      if (call.kind.places == kind.places && call.isCounted() && call.store.equals(store)) {
        counted++;
        busy.add(call.queue);
      }
    }
    int places = kind.places == Places.LONG ? most / 2 : most;
    long others = 0;
    if (busy.contains(queue)) {
      others = stopping ? 1 : others(store, busy, places);
    }
    return counted + others < places && !isToPause(kind, queue);
  }

  /** How many queues of a store have no call under way, but no more than this. */
  private long others(String store, Set<String> busy, int most) {
    return queues
        .get()
        .filter(queue -> !busy.contains(queue) && storeOf.apply(queue).equals(store))
        .limit(most)
        .count();
  }

  /**
   * Calls that never return would pile up: each begins twice as long after the first of them as the
   * one before it. A few do not count once another has worked.
   */
  private boolean isToPause(Kind kind, String queue) {
    long newest = Long.MAX_VALUE;
    long oldest = 0;
    int followed = 0;
    for (UnderWay call : underWay) {
      if (call.givenUp
          && call.kind == kind
          && call.queue.equals(queue)
          && (!call.isFollowed || ++followed > most)) {
        newest = Math.min(newest, call.nanos());
        oldest = Math.max(oldest, call.nanos());
      }
    }
    return newest < oldest / 2;
  }

  /**
   * Makes a call, and waits for it a little. If it has ended by then, its answer is handled here.
   * The caller does not wait for a queue whose last call was slow.
   *
   * @param lane handles the answer if the call lasts
   * @return false if there is no room for the call, so that it is not made
   */
  boolean make(Call<?> call, Executor lane) {
    return make(new Made<>(call, lane, true), PATIENCE);
  }

  /** Makes a call for which the caller does not wait. Whoever sees its end handles the answer. */
  boolean start(Call<?> call) {
    return make(new Made<>(call, Runnable::run, false), 0);
  }

  private boolean make(Made<?> made, long patience) {
    long wait;
    synchronized (this) {
      if (!hasRoom(made.kind, made.queue)) {
        return false;
      }
      underWay.add(made);
      wait = made.isOfLane && slow.contains(made.key()) ? 0 : patience;
    }
    try {
      threads.execute(made);
    } catch (Throwable e) {
      // No thread can be made, so this one makes the call: else leases would be lost [W24].
      made.run();
    }
    if (made.hasEndedWithin(wait)) {
      made.tell();
    }
    return true;
  }

  /**
   * Makes a call that little depends on. The caller waits for a second in all: for room, while
   * calls of its queue come and go, and for the call. If there is no room, the call is not made. If
   * the call lasts, its own thread handles the answer.
   *
   * @return whether the call was made
   */
  boolean makeIfRoom(Call<?> call) {
    boolean interrupted = Thread.interrupted();
    boolean isMade = false;
    long begun = nanoTime.getAsLong();
    try {
      while (!isMade && awaitRoom(call.kind(), call.queue(), begun)) {
        long left = WAIT_FOR_ROOM - (nanoTime.getAsLong() - begun);
        isMade = make(new Made<>(call, Runnable::run, false), left);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return isMade;
  }

  private synchronized boolean awaitRoom(Kind kind, String queue, long begun)
      throws InterruptedException {
    while (!isFree(kind, queue)) {
      long left = WAIT_FOR_ROOM - (nanoTime.getAsLong() - begun);
      if (left <= 0 || isLeft(kind, queue)) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  /** Makes a call on the caller's own thread, which is all that it costs. Health tells of it. */
  <T> T here(Kind kind, String queue, Supplier<T> call) {
    var here = new UnderWay(kind, queue);
    synchronized (this) {
      underWay.add(here);
    }
    try {
      return call.get();
    } finally {
      synchronized (this) {
        underWay.remove(here);
      }
    }
  }

  /** Whether a call in these places is under way that its caller has left. */
  synchronized boolean isLeft(Kind kind, String queue) {
    return underWay.stream()
        .anyMatch(
            call ->
                call.left
                    && call.isCounted()
                    && call.kind.places == kind.places
                    && call.queue.equals(queue));
  }

  /** Whether a call has not ended. */
  synchronized boolean isUnderWay(Kind kind, String queue) {
    return underWay.stream()
        .anyMatch(call -> call.isCounted() && call.kind == kind && call.queue.equals(queue));
  }

  /** From now on a queue leaves room for one other only: there is little to do, and little time. */
  synchronized void stop() {
    stopping = true;
  }

  /** Gives up the calls that last longer than the store says. */
  void giveUp() {
    giveUp(call -> call.kind.places != Places.LONG && call.nanos() > longest);
  }

  /** Gives up the calls of a kind that last longer than this, and a little. */
  void giveUp(Kind kind, long nanos) {
    giveUp(call -> call.kind == kind && call.nanos() > nanos + PATIENCE);
  }

  private void giveUp(Predicate<UnderWay> lasts) {
    List<UnderWay> lasting = new ArrayList<>();
    boolean areSomeGivenUp;
    synchronized (this) {
      for (UnderWay call : underWay) {
        if (call.left && !call.givenUp && lasts.test(call)) {
          call.giveUp();
          lasting.add(call);
        }
      }
      areSomeGivenUp = underWay.stream().anyMatch(call -> call.givenUp);
    }
    for (UnderWay call : lasting) {
      try {
        call.tellGivenUp();
      } catch (Throwable e) {
        log.error("It could not be handled that {}", call, e);
      }
    }
    if (areSomeGivenUp) {
      // Or the pause of a queue may be over.
      tellOfRoom();
    }
  }

  private void tellOfRoom() {
    boolean isAwaited;
    synchronized (this) {
      isAwaited = hasRefused;
      hasRefused = false;
      notifyAll();
    }
    if (isAwaited) {
      onRoom.run();
    }
  }

  /** A call that has not returned for a while. */
  record Lasting(String queue, String reason) {}

  /** The calls that have lasted so long already. Of one that was given up, until another worked. */
  synchronized List<Lasting> lasting(Duration time) {
    return underWay.stream()
        .filter(
            call ->
                call.kind.places != Places.LONG
                    && call.kind.places != Places.REPORTS
                    && !call.isFollowed
                    && call.nanos() >= time.toNanos())
        .map(call -> new Lasting(call.queue, call.toString()))
        .toList();
  }

  /** A call under way, on its caller's thread. */
  private class UnderWay {
    final Kind kind;
    final String queue;
    final String store;
    private final long began = nanoTime.getAsLong();
    boolean left;
    boolean givenUp;

    /** Whether a later call of the kind and queue has worked. */
    boolean isFollowed;

    UnderWay(Kind kind, String queue) {
      this.kind = kind;
      this.queue = queue;
      this.store = storeOf.apply(queue);
    }

    boolean isCounted() {
      return false;
    }

    long nanos() {
      return nanoTime.getAsLong() - began;
    }

    void giveUp() {}

    void tellGivenUp() {}

    @Override
    public String toString() {
      String lasts = Limits.shown(Duration.ofNanos(nanos()));
      return kind.noun + " of queue " + Limits.oneLine(queue) + " has not returned for " + lasts;
    }
  }

  /** A call under way, on a thread of its own. */
  private final class Made<T> extends UnderWay implements Runnable {
    private final Call<T> call;
    private final Executor lane;
    private final boolean isOfLane;
    private final Thread caller = Thread.currentThread();
    private volatile boolean hasEnded;
    private @Nullable Thread thread;

    // Guarded by this object, once the call has ended.
    private @Nullable T answer;
    private @Nullable Throwable failure;
    private boolean isTold;

    Made(Call<T> call, Executor lane, boolean isOfLane) {
      super(call.kind(), call.queue());
      this.call = call;
      this.lane = lane;
      this.isOfLane = isOfLane;
    }

    @Override
    boolean isCounted() {
      return !givenUp;
    }

    String key() {
      return kind + " " + queue;
    }

    @Override
    public void run() {
      setThread(Thread.currentThread());
      @Nullable T answered = null;
      Throwable thrown = null;
      try {
        answered = call.send().get();
      } catch (Throwable e) {
        thrown = e;
      }
      // If the call was given up, an interrupt of it must not reach the thread's next one.
      setThread(null);
      Thread.interrupted();
      synchronized (this) {
        answer = answered;
        failure = thrown;
      }
      try {
        if (isLeftAtEnd(thrown == null)) {
          lane.execute(this::tell);
        } else {
          LockSupport.unpark(caller);
        }
      } finally {
        tellOfRoom();
      }
    }

    private void setThread(@Nullable Thread runner) {
      synchronized (StoreCalls.this) {
        thread = runner;
      }
    }

    private boolean isLeftAtEnd(boolean works) {
      synchronized (StoreCalls.this) {
        underWay.remove(this);
        for (UnderWay other : underWay) {
          other.isFollowed |=
              works && other.givenUp && other.kind == kind && other.queue.equals(queue);
        }
        if (nanos() < PATIENCE) {
          slow.remove(key());
        }
        hasEnded = true;
        return left;
      }
    }

    /** Waits for the end, but no longer than that; if it has not come, the call is left. */
    boolean hasEndedWithin(long patience) {
      boolean interrupted = false;
      for (long wait = patience; !hasEnded && wait > 0; wait = patience - nanos()) {
        LockSupport.parkNanos(this, wait);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        caller.interrupt();
      }
      synchronized (StoreCalls.this) {
        left = !hasEnded;
        if (left && isOfLane) {
          slow.add(key());
        }
        return hasEnded;
      }
    }

    @Override
    void giveUp() {
      givenUp = true;
      if (thread != null) {
        thread.interrupt();
      }
    }

    @Override
    void tellGivenUp() {
      String what = toString();
      lane.execute(() -> fail(StoreException.outcomeUnknown(what, null)));
    }

    synchronized void tell() {
      if (failure != null) {
        fail(failure);
      } else {
        isTold = true;
        call.answered().accept(answer);
      }
    }

    private synchronized void fail(Throwable failed) {
      if (!isTold) {
        isTold = true;
        call.failed().accept(failed);
      }
    }
  }
}
