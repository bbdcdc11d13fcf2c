package dev.lease.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A state of {@link AdmissionModel}: what is committed, the transactions that are open, and what
 * workers believe to hold. Copied before each step.
 */
@SuppressWarnings(
    "EnumOrdinal") // A code is packed of small numbers, and lives no longer than a run.
final class AdmissionState {

  /** What is committed of a job. */
  enum Row {
    ABSENT,
    /** Not due. Its arrival is committed with it, and is due with it. */
    LATER,
    /** Has become due, and nobody has looked yet. */
    LATE,
    SHELF,
    FREE,
    /** Put off, but in its slot, since its key is in order. */
    PUT_OFF,
    HELD,
    EXPIRED,
    ENDED;

    boolean isAdmitted() {
      return this == FREE || this == PUT_OFF || this == HELD || this == EXPIRED;
    }

    boolean isDueAndWaits() {
      return this == SHELF || this == LATE;
    }

    boolean isHeld() {
      return this == HELD || this == EXPIRED;
    }
  }

  /** What a worker has in hand of a job. */
  enum Token {
    NONE,
    CURRENT,
    STALE
  }

  enum Kind {
    /** Of a user: it may stay open, and nobody may wait for it. */
    USER,
    ENQUEUE,
    /** Ends a job or puts it off, and passes its slot on. */
    FINISH,
    ARRIVE
  }

  enum At {
    LOOK,
    LOCK,
    TAKE,
    COMMIT
  }

  /** An open transaction: how far it is, what it has locked, and what it will have changed. */
  static final class Open implements Cloneable {
    Kind kind = Kind.FINISH;
    At at = At.LOOK;
    int key;

    /** The job that it stores, ends or puts off; -1 for none. */
    int job = -1;

    Row to = Row.ENDED;

    /** How many jobs it may admit, as its last look counted. */
    int want;

    /** The jobs that its last look saw, as bits; so are the other two. */
    int seen;

    int taken;
    int shelved;
    boolean hasBucket;

    /** Whether it leaves an arrival. */
    boolean leaves;

    /** Whether it has deleted the arrival. */
    boolean met;

    boolean locks(int j) {
      return j == job || has(taken | shelved, j);
    }

    boolean hasTaken(int j) {
      return has(taken, j);
    }

    boolean hasShelved(int j) {
      return has(shelved, j);
    }

    private int relation(int j) {
      return j == job ? 1 : hasTaken(j) ? 2 : hasShelved(j) ? 3 : has(seen, j) ? 4 : 0;
    }

    private void relate(int j, int relation) {
      job = relation == 1 ? j : job;
      taken |= relation == 2 ? 1 << j : 0;
      shelved |= relation == 3 ? 1 << j : 0;
      seen |= relation == 4 ? 1 << j : 0;
    }

    private long scalars() {
      long code = ((kind.ordinal() * 4L + at.ordinal()) * 16 + to.ordinal()) * 4 + want;
      return code * 8 + (hasBucket ? 4 : 0) + (leaves ? 2 : 0) + (met ? 1 : 0);
    }

    private Open copy() {
      try {
        return (Open) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }

  static final int WORKERS = 2;
  private static final int MOST_OPEN = 3;
  private static final Row[] ROWS = Row.values();
  private static final At[] ATS = At.values();
  private static final Kind[] KINDS = Kind.values();
  private static final int JOB_BITS = 14;
  private static final int OPEN_BITS = 13;
  private static final int KEY_BITS = 1 + MOST_OPEN;
  private static final int[][][] ORDERS = {
    {{}},
    {{0}},
    {{0, 1}, {1, 0}},
    {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
  };

  /** How many jobs each key has; the jobs of a key have numbers that follow each other. */
  final int[] shape;

  final int[] keyOf;
  final Row[] rows;

  /** The job that each worker has in hand; -1 for none. */
  final int[] hands = {-1, -1};

  /** Whether it has lost the job, and does not know. */
  final boolean[] isStale = new boolean[WORKERS];

  final boolean[] arrivals;
  final List<Open> open = new ArrayList<>();
  int slots;

  AdmissionState(int[] shape, int slots) {
    this.shape = shape;
    this.slots = slots;
    keyOf =
        IntStream.range(0, shape.length)
            .flatMap(k -> IntStream.generate(() -> k).limit(shape[k]))
            .toArray();
    rows = new Row[keyOf.length];
    Arrays.fill(rows, Row.ABSENT);
    arrivals = new boolean[shape.length];
  }

  private AdmissionState(AdmissionState from) {
    shape = from.shape;
    keyOf = from.keyOf;
    rows = from.rows.clone();
    arrivals = from.arrivals.clone();
    slots = from.slots;
    for (int w = 0; w < WORKERS; w++) {
      hands[w] = from.hands[w];
      isStale[w] = from.isStale[w];
    }
    from.open.forEach(each -> open.add(each.copy()));
  }

  AdmissionState copy() {
    return new AdmissionState(this);
  }

  Token token(int worker, int j) {
    return hands[worker] != j ? Token.NONE : isStale[worker] ? Token.STALE : Token.CURRENT;
  }

  void take(int worker, int j) {
    hands[worker] = j;
    isStale[worker] = false;
  }

  void forget(int worker) {
    take(worker, -1);
  }

  /** Nobody holds the job any more, or a new holder will: older tokens are worth nothing. */
  void letGo(int j, Row to) {
    rows[j] = to;
    for (int w = 0; w < WORKERS; w++) {
      isStale[w] |= hands[w] == j;
    }
  }

  IntStream jobs(int key) {
    return IntStream.range(0, rows.length).filter(j -> keyOf[j] == key);
  }

  /** The jobs of a key that the rule is true of. */
  int bits(int key, IntPredicate rule) {
    int bits = 0;
    for (int j = 0; j < rows.length; j++) {
      bits |= keyOf[j] == key && rule.test(j) ? 1 << j : 0;
    }
    return bits;
  }

  static String name(int key) {
    return String.valueOf((char) ('a' + key));
  }

  String nameOf(int j) {
    return name(keyOf[j]) + (j - jobs(keyOf[j]).findFirst().orElseThrow() + 1);
  }

  static boolean has(long bits, int j) {
    return (bits >> j & 1) == 1;
  }

  boolean isLocked(int j) {
    return open.stream().anyMatch(each -> each.locks(j));
  }

  boolean isBucketFree(int key) {
    return open.stream().noneMatch(each -> each.hasBucket && each.key == key);
  }

  /** Only users' transactions are open, so nobody else is in the middle of something. */
  boolean isQuiet() {
    return open.stream().allMatch(each -> each.kind == Kind.USER);
  }

  /** A state and all that differ from it only in names have the same code. */
  record Code(long jobs, long rest) {
    private boolean isLessThan(@Nullable Code other) {
      return other == null || rest < other.rest || (rest == other.rest && jobs < other.jobs);
    }

    @Override
    public int hashCode() {
      return Long.hashCode((jobs * 0x9E3779B97F4A7C15L + rest) * 0xC2B2AE3D27D4EB4FL);
    }
  }

  Code code() {
    Code least = null;
    for (int[] order : ORDERS[open.size()]) {
      if (isSorted(order)) {
        for (int first = 0; first < WORKERS; first++) {
          Code code = code(order, first);
          least = code.isLessThan(least) ? code : least;
        }
      }
    }
    return Objects.requireNonNull(least);
  }

  private boolean isSorted(int[] order) {
    for (int i = 1; i < order.length; i++) {
      if (open.get(order[i - 1]).scalars() > open.get(order[i]).scalars()) {
        return false;
      }
    }
    return true;
  }

  /** With the transactions in this order, and this worker before the other one. */
  private Code code(int[] order, int worker) {
    long[] keys = new long[shape.length];
    int first = 0;
    for (int k = 0; k < shape.length; k++) {
      keys[k] = key(k, first, order, worker);
      first += shape[k];
    }
    for (int from = 0, to; from < keys.length; from = to) {
      for (to = from; to < keys.length && shape[to] == shape[from]; to++) {}
      Arrays.sort(keys, from, to);
    }
    long jobs = 0;
    long rest = open.size() * 4L + slots;
    for (int t : order) {
      rest = rest << OPEN_BITS | open.get(t).scalars();
    }
    for (int k = 0; k < keys.length; k++) {
      jobs = (jobs << (JOB_BITS * shape[k])) | (keys[k] >> KEY_BITS);
      rest = (rest << KEY_BITS) | (keys[k] & ((1 << KEY_BITS) - 1));
    }
    return new Code(jobs, rest);
  }

  /** The jobs of a key, sorted, and then what it has itself. */
  private long key(int k, int first, int[] order, int worker) {
    long[] jobs = new long[shape[k]];
    for (int i = 0; i < jobs.length; i++) {
      int j = first + i;
      long job = (rows[j].ordinal() * 3L + token(worker, j).ordinal()) * 3;
      job += token(1 - worker, j).ordinal();
      for (int t : order) {
        job = job * 5 + open.get(t).relation(j);
      }
      jobs[i] = job;
    }
    Arrays.sort(jobs);
    long code = 0;
    for (long job : jobs) {
      code = code << JOB_BITS | job;
    }
    code = code << 1 | (arrivals[k] ? 1 : 0);
    for (int t = 0; t < MOST_OPEN; t++) {
      code = code << 1 | (t < order.length && open.get(order[t]).key == k ? 1 : 0);
    }
    return code;
  }

  /** One of the states that have the code. */
  AdmissionState of(Code code) {
    AdmissionState made = new AdmissionState(shape, 0);
    long rest = code.rest >> (KEY_BITS * shape.length);
    int count = MOST_OPEN;
    while (rest >> (OPEN_BITS * count + 2) != count) {
      count--;
    }
    for (int t = 0; t < count; t++) {
      made.open.add(open((rest >> (OPEN_BITS * (count - 1 - t))) & ((1 << OPEN_BITS) - 1)));
    }
    made.slots = (int) ((rest >> (OPEN_BITS * count)) & 3);
    for (int k = 0; k < shape.length; k++) {
      long own = code.rest >> (KEY_BITS * (shape.length - 1 - k));
      made.arrivals[k] = has(own, MOST_OPEN);
      for (int t = 0; t < count; t++) {
        made.open.get(t).key = has(own, MOST_OPEN - 1 - t) ? k : made.open.get(t).key;
      }
    }
    for (int j = 0; j < rows.length; j++) {
      long job = (code.jobs >> (JOB_BITS * (rows.length - 1 - j))) & ((1 << JOB_BITS) - 1);
      for (int t = count - 1; t >= 0; t--, job /= 5) {
        made.open.get(t).relate(j, (int) (job % 5));
      }
      for (int w = WORKERS - 1; w >= 0; w--, job /= 3) {
        if (job % 3 > 0) {
          made.take(w, j);
          made.isStale[w] = job % 3 == 2;
        }
      }
      made.rows[j] = ROWS[(int) job];
    }
    return made;
  }

  private static Open open(long code) {
    Open made = new Open();
    made.met = has(code, 0);
    made.leaves = has(code, 1);
    made.hasBucket = has(code, 2);
    made.want = (int) (code >> 3 & 3);
    made.to = ROWS[(int) (code >> 5 & 15)];
    made.at = ATS[(int) (code >> 9 & 3)];
    made.kind = KINDS[(int) (code >> 11)];
    return made;
  }
}
