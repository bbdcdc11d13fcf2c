package dev.lease.testkit;

import dev.lease.testkit.AdmissionModel.Defect;
import dev.lease.testkit.AdmissionState.At;
import dev.lease.testkit.AdmissionState.Kind;
import dev.lease.testkit.AdmissionState.Open;
import dev.lease.testkit.AdmissionState.Row;
import dev.lease.testkit.AdmissionState.Token;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/**
 * The steps from one state to the next. A statement sees what was committed when it began, passes
 * over rows that others have locked by then, and what it changes is seen when its transaction
 * commits. Which job of a key is the first is left open, so the jobs of a key are alike. Anything
 * may be cut off between two steps: a transaction is rolled back, a worker forgets what it holds.
 */
record AdmissionSteps(
    AdmissionModel model, AdmissionState state, BiConsumer<Supplier<String>, AdmissionState> next) {

  /** Makes each step that can come next. */
  void all() {
    for (int j = 0; j < state.rows.length; j++) {
      ofTime(j);
      if (!state.isLocked(j)) {
        ofClientsAndOperators(j);
        for (int w = 0; w < AdmissionState.WORKERS; w++) {
          ofWorker(w, j);
        }
      }
    }
    for (int w = 0; w < AdmissionState.WORKERS; w++) {
      if (state.hands[w] >= 0) {
        ofWorker(w);
      }
    }
    for (int k = 0; k < state.shape.length; k++) {
      if (state.arrivals[k] && state.isBucketFree(k)) {
        Open arrive = new Open();
        arrive.kind = Kind.ARRIVE;
        arrive.key = k;
        arrive.hasBucket = !locksAndLooksAtOnce();
        arrive.met = !locksAndLooksAtOnce();
        begin(arrive);
      }
    }
    for (int t = 0; t < state.open.size(); t++) {
      goOn(t);
      rollBack(t);
    }
    if (model.lowers() && state.slots == model.slots()) {
      step(() -> "the limit is set to one slot less", now -> now.slots--);
    }
  }

  private void ofTime(int j) {
    switch (state.rows[j]) {
      case LATER ->
          step(
              () -> state.nameOf(j) + " becomes due",
              now -> {
                now.rows[j] = Row.LATE;
                now.arrivals[now.keyOf[j]] |= !model.has(Defect.PUT_OFF_LEAVES_NO_ARRIVAL);
              });
      case PUT_OFF -> step(() -> state.nameOf(j) + " becomes due", now -> now.rows[j] = Row.FREE);
      case HELD ->
          step(() -> "the lease of " + state.nameOf(j) + " ends", now -> now.rows[j] = Row.EXPIRED);
      default -> {}
    }
  }

  private void ofClientsAndOperators(int j) {
    switch (state.rows[j]) {
      case ABSENT -> {
        begin(ofUser(j, Row.SHELF, true));
        begin(ofUser(j, Row.LATER, false));
        Open enqueue = ending(state, j, Row.SHELF);
        enqueue.kind = Kind.ENQUEUE;
        enqueue.at = locksAndLooksAtOnce() ? At.LOOK : At.LOCK;
        begin(enqueue);
      }
      case SHELF, LATER, LATE -> {
        begin(justChanging(j, Row.ENDED));
        if (state.rows[j] != Row.LATER) {
          begin(justChanging(j, Row.LATER));
        }
      }
      case FREE, PUT_OFF ->
          begin(
              model.has(Defect.CANCEL_PASSES_NOTHING_ON)
                  ? justChanging(j, Row.ENDED)
                  : ending(state, j, Row.ENDED));
      case EXPIRED -> {
        begin(ending(state, j, Row.ENDED));
        step(() -> state.nameOf(j) + " is reset", now -> now.letGo(j, Row.FREE));
      }
      default -> {}
    }
  }

  /** What a worker does with a job that no transaction has locked. */
  private void ofWorker(int w, int j) {
    boolean isNextIdle = state.hands[w] < 0 && (w == 0 || state.hands[0] >= 0);
    if (isNextIdle && (state.rows[j] == Row.FREE || state.rows[j] == Row.EXPIRED)) {
      step(
          () -> worker(w) + " claims " + state.nameOf(j),
          now -> {
            now.letGo(j, Row.HELD);
            now.take(w, j);
          });
    }
    if (state.token(w, j) == Token.CURRENT) {
      begin(ending(state, j, Row.ENDED));
      begin(ofUser(j, Row.ENDED, true));
      step(() -> worker(w) + " releases " + state.nameOf(j), now -> now.letGo(j, Row.FREE));
      if (model.isInOrder()) {
        step(() -> worker(w) + " puts off " + state.nameOf(j), now -> now.letGo(j, Row.PUT_OFF));
      } else {
        begin(ending(state, j, Row.LATER));
      }
    }
  }

  /**
   * It is killed, or learns that it has lost the job, or settles it again, as its reply was lost.
   */
  private void ofWorker(int w) {
    int j = state.hands[w];
    step(() -> worker(w) + " forgets " + state.nameOf(j), now -> now.forget(w));
    if (state.isStale[w] && model.has(Defect.FREES_TWICE)) {
      Open again = ending(state, j, Row.ENDED);
      again.job = -1;
      begin(again);
    }
  }

  /** Ends a job or puts it off, and passes its slot on. */
  static Open ending(AdmissionState state, int j, Row to) {
    Open made = new Open();
    made.job = j;
    made.key = state.keyOf[j];
    made.to = to;
    return made;
  }

  /** A job that has no slot. */
  private Open justChanging(int j, Row to) {
    Open made = ending(state, j, to);
    made.at = At.COMMIT;
    return made;
  }

  /** In a transaction that may stay open, so it reads and locks nothing else. */
  private Open ofUser(int j, Row to, boolean leaves) {
    Open made = justChanging(j, to);
    made.kind = Kind.USER;
    made.leaves = leaves;
    return made;
  }

  private void begin(Open transaction) {
    boolean isOfThatKey = state.open.stream().allMatch(each -> each.key == transaction.key);
    if (state.open.size() < model.mostOpen() && (isOfThatKey || !model.ofOneKey())) {
      step(
          () -> words(transaction) + " begins",
          now -> {
            now.open.add(transaction);
            now.arrivals[transaction.key] &= !transaction.met;
          });
    }
  }

  private void step(Supplier<String> what, Consumer<AdmissionState> change) {
    AdmissionState now = state.copy();
    change.accept(now);
    next.accept(what, now);
  }

  private void step(int t, String what, BiConsumer<AdmissionState, Open> change) {
    step(() -> words(state.open.get(t)) + " " + what, now -> change.accept(now, now.open.get(t)));
  }

  private void rollBack(int t) {
    step(
        t,
        "is rolled back",
        (now, it) -> {
          now.open.remove(t);
          now.arrivals[it.key] |= it.met;
        });
  }

  /** Makes the next step of a transaction. */
  void goOn(int t) {
    switch (state.open.get(t).at) {
      case LOCK -> lock(t);
      case LOOK -> step(t, "looks", this::look);
      case TAKE -> take(t);
      case COMMIT -> step(t, "commits", this::commit);
    }
  }

  /** Locks the bucket, or leaves it to who has it. */
  private void lock(int t) {
    boolean isFree = state.isBucketFree(state.open.get(t).key);
    step(
        t,
        isFree ? "locks the bucket" : "misses the bucket",
        (now, it) -> {
          it.hasBucket = isFree;
          if (!isFree) {
            it.at = At.COMMIT;
            it.to = it.kind == Kind.ENQUEUE ? Row.SHELF : it.to;
            it.leaves = it.kind == Kind.FINISH || it.kind == Kind.ENQUEUE;
            it.leaves &= it.kind == Kind.FINISH || !model.has(Defect.ENQUEUE_LEAVES_NO_ARRIVAL);
          } else if (!locksAndLooksAtOnce()) {
            it.at = At.LOOK;
          } else {
            it.at = it.kind == Kind.ENQUEUE ? At.COMMIT : At.TAKE;
            it.met = it.kind == Kind.ARRIVE && now.arrivals[it.key];
            now.arrivals[it.key] &= !it.met;
          }
        });
  }

  /** Sees what is committed: how many slots are free, and which jobs wait. */
  private void look(AdmissionState now, Open it) {
    int room = Math.max(0, now.slots - counted(now, it));
    it.at = locksAndLooksAtOnce() && it.kind != Kind.FINISH ? At.LOCK : At.TAKE;
    if (it.kind == Kind.ENQUEUE) {
      boolean waits = now.jobs(it.key).anyMatch(j -> now.rows[j].isDueAndWaits());
      it.to = room > 0 && !waits ? Row.FREE : Row.SHELF;
      it.at = it.at == At.TAKE ? At.COMMIT : it.at;
      return;
    }
    it.seen = now.bits(it.key, j -> j != it.job && canTake(now, it, j));
    if (it.kind == Kind.ARRIVE || model.has(Defect.EXCHANGE_COUNTS)) {
      it.want = room;
    } else {
      it.want = model.has(Defect.EXCHANGE_KEEPS_A_SURPLUS) ? 1 : Math.min(1, room);
    }
  }

  /** How many jobs of the key are admitted, beside its own job, which it ends or stores. */
  private int counted(AdmissionState now, Open it) {
    return Integer.bitCount(
        now.bits(
            it.key,
            j ->
                j != it.job
                    && now.rows[j].isAdmitted()
                    && !(now.rows[j] == Row.EXPIRED && model.has(Defect.FREES_AT_EXPIRY))));
  }

  private static boolean canTake(AdmissionState now, Open it, int j) {
    return now.rows[j] == Row.SHELF || (now.rows[j] == Row.LATE && it.kind == Kind.ARRIVE);
  }

  /** Locks rows that it has seen, if they still wait and nobody else has locked them. */
  private void take(int t) {
    Open seer = state.open.get(t);
    IntPredicate isSeen = j -> AdmissionState.has(seer.seen, j);
    int skipped = state.bits(seer.key, isSeen.and(state::isLocked));
    int free = state.bits(seer.key, isSeen.and(j -> !state.isLocked(j) && canTake(state, seer, j)));
    int late = state.bits(seer.key, j -> state.rows[j] == Row.LATE);
    int count = Math.min(seer.want, Integer.bitCount(free));
    for (int bits = free, more = 1; more > 0; more = bits, bits = bits - 1 & free) {
      int chosen = bits;
      if (Integer.bitCount(chosen) == count) {
        step(
            t,
            "takes " + Integer.bitCount(chosen),
            (now, it) -> {
              boolean isShort = count < it.want;
              it.taken = chosen;
              it.seen = 0;
              it.want = 0;
              it.at = At.COMMIT;
              it.leaves = it.hasBucket && isShort && skipped != 0;
              if (it.kind == Kind.ARRIVE && !model.has(Defect.LEAVES_DUE_JOBS_OFF_THE_SHELF)) {
                it.shelved = free & late & ~chosen;
                it.leaves |= (skipped & late) != 0;
              }
              it.leaves &= !model.has(Defect.FORGETS_WHAT_IT_SKIPPED);
              if (!it.hasBucket && count == 0 && !model.has(Defect.NO_LOOK_UNDER_THE_LOCK)) {
                it.at = locksAndLooksAtOnce() ? At.LOOK : At.LOCK;
              }
            });
      }
    }
  }

  private void commit(AdmissionState now, Open it) {
    now.open.remove(it);
    if (it.job >= 0) {
      now.letGo(it.job, it.to);
    }
    now.jobs(it.key).filter(it::hasTaken).forEach(j -> now.rows[j] = Row.FREE);
    now.jobs(it.key).filter(it::hasShelved).forEach(j -> now.rows[j] = Row.SHELF);
    now.arrivals[it.key] |= it.leaves;
  }

  private boolean locksAndLooksAtOnce() {
    return model.has(Defect.LOCKS_AND_LOOKS_IN_ONE_STATEMENT);
  }

  private String words(Open it) {
    String job = it.job < 0 ? "key " + AdmissionState.name(it.key) : state.nameOf(it.job);
    String what = it.kind.name().toLowerCase(Locale.ROOT) + " " + job;
    return it.kind == Kind.ARRIVE ? what : what + " -> " + it.to;
  }

  private static String worker(int w) {
    return "worker " + (w + 1);
  }
}
