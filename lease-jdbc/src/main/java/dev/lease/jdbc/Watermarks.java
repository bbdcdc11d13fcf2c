package dev.lease.jdbc;

import dev.lease.Claim;
import dev.lease.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Remembers where the next claim of a queue may begin in each priority, so that it need not walk
 * over the held and finished jobs before that. This is only a hint [Q11, Q13]. A full look also
 * searches what lies behind these watermarks: when an older job becomes claimable, and when the
 * last full look is long enough ago.
 *
 * <p>If looks are quick, "long enough" is the slack. Over very many held jobs they are slow, and
 * each one stops a busy queue. Then the next full look begins ten times as long after the last one
 * as the slowest look since then took, but no later than ten times the slack. A single slow look
 * may be a pause of this JVM. So there must have been a slow one in the period before as well, and
 * the quicker of the two counts.
 *
 * <p>A full look is one look while that is quick. After one that took long, or was cut by a time
 * limit, it is a series of looks from the watermark backwards, each of which searches one slice: a
 * range of due times, which grows while looks are quick.
 */
final class Watermarks {

  /** A claim searches slices for this part of the call timeout, until it lasts too long. */
  private static final int SLICE_PART = 20;

  /** After so many claims each searches twice as long. */
  private static final int PATIENCE = 20;

  private static final int MOST_TIMES = 10;

  private static final int TIMES_THE_LOOK = 10;
  private static final int MAX_SLACKS = 10;

  /** The first slice of a series, in microseconds of due time. */
  private static final long FIRST_SLICE = TimeUnit.SECONDS.toMicros(1);

  /** A look is quick if it takes less than this part of the time for a full look. */
  private static final int QUICK = 4;

  /** After a look that was cut the next slice is as many times smaller. */
  private static final int CUT = 16;

  private static final long WHOLE = Long.MAX_VALUE;
  private static final long START = Long.MIN_VALUE;
  private static final int LEVELS = Limits.MAX_PRIORITY + 1;

  /** From so many queues on it adds none of which it has only heard. */
  private static final int MOST_HEARD_OF = 1_000;

  /** Where looks at a queue begin, and what is left of a full look. It does not change. */
  static final class Levels {
    /** The watermark of each priority: the due time and sequence number of a job, inclusive. */
    private final long[] due;

    private final long[] seq;

    /** In each priority, the full look still has to search all before this place. */
    private final long[] leftDue;

    private final long[] leftSeq;

    /** Whether a full look is due that no look has begun. */
    private boolean fresh;

    /** Whether a full look goes slice by slice. */
    private boolean sliced;

    /** How long the next slice is, in microseconds of due time. */
    private long slice = WHOLE;

    /** Whether a full look in slices has begun, and the next look goes on with it. */
    private boolean unfinished;

    /** How many claims of the full look have ended short of their limits. */
    private int claims;

    /** Whether another full look follows the one that is unfinished. */
    private boolean again;

    /** Whether a time limit has ended the last full look. */
    private boolean givenUp;

    private QuietPriorities quiet = new QuietPriorities();

    /** The local time at which the last full look began. */
    private long began;

    /** How long the unfinished full look has searched so far. */
    private long searched;

    /**
     * How long the last full look took, or the longest look since then: a look that is full before
     * it comes to the held jobs leaves them to a later one.
     */
    private long took;

    /** The same of the period before. */
    private long tookBefore;

    private Levels() {
      due = new long[LEVELS];
      seq = new long[LEVELS];
      leftDue = new long[LEVELS];
      leftSeq = new long[LEVELS];
      Arrays.fill(due, START);
      Arrays.fill(seq, START);
      Arrays.fill(leftDue, START);
      Arrays.fill(leftSeq, START);
      fresh = true;
    }

    private Levels(Levels from) {
      due = from.due.clone();
      seq = from.seq.clone();
      leftDue = from.leftDue.clone();
      leftSeq = from.leftSeq.clone();
      quiet = from.quiet;
      fresh = from.fresh;
      sliced = from.sliced;
      slice = from.slice;
      unfinished = from.unfinished;
      claims = from.claims;
      again = from.again;
      givenUp = from.givenUp;
      began = from.began;
      searched = from.searched;
      took = from.took;
      tookBefore = from.tookBefore;
    }

    /** What the next look searches, in the order of claims. */
    List<ClaimRange> ranges() {
      var ranges = new ArrayList<ClaimRange>(LEVELS);
      for (int priority = Limits.MAX_PRIORITY; priority >= 0; priority--) {
        if (!isAsked(priority)) {
          continue;
        }
        if (!hasLeft(priority)) {
          ranges.add(newer(priority));
        } else if (leftDue[priority] == due[priority] && leftSeq[priority] == seq[priority]) {
          ranges.add(ClaimRange.from(priority, sliceBegin(priority), START));
        } else {
          ranges.add(slice(priority));
          ranges.add(newer(priority));
        }
      }
      return ranges;
    }

    private boolean isAsked(int priority) {
      return fresh || quiet.isAsked(priority);
    }

    private ClaimRange newer(int priority) {
      return ClaimRange.from(priority, due[priority], seq[priority]);
    }

    private ClaimRange slice(int priority) {
      return new ClaimRange(
          priority, sliceBegin(priority), START, leftDue[priority], leftSeq[priority]);
    }

    /** A slice that would begin before 1970 begins at the start. */
    private long sliceBegin(int priority) {
      return slice >= leftDue[priority] ? START : leftDue[priority] - slice;
    }

    private boolean hasLeft(int priority) {
      return leftDue[priority] != START;
    }

    /** Whether a full look begins. */
    boolean isFresh() {
      return fresh;
    }

    /** Whether a look at them searches behind a watermark, or where there is none. */
    boolean isFull() {
      return fresh
          || IntStream.range(0, LEVELS)
              .anyMatch(priority -> hasLeft(priority) || due[priority] == START);
    }

    /** Whether a look at them begins a series of looks, or goes on with it. */
    boolean isSliced() {
      return sliced && (fresh || unfinished);
    }

    /** Whether a full look has begun, and the next look goes on with it. */
    boolean isUnfinished() {
      return unfinished;
    }

    /** The same without what is left behind the watermarks. */
    Levels newer() {
      var newer = new Levels(this);
      newer.fresh = false;
      Arrays.fill(newer.leftDue, START);
      return newer;
    }

    /** A full look begins. Where an earlier one has left something, this one goes on there. */
    private Levels anew() {
      if (unfinished) {
        var later = new Levels(this);
        later.again = true;
        return later;
      }
      var next = new Levels(this);
      next.fresh = true;
      next.again = false;
      next.givenUp = false;
      next.claims = 0;
      next.slice = sliced ? FIRST_SLICE : WHOLE;
      for (int priority = 0; priority < LEVELS; priority++) {
        if (!hasLeft(priority) || !sliced) {
          next.leftDue[priority] = due[priority];
          next.leftSeq[priority] = seq[priority];
        }
      }
      return next;
    }

    private Levels with(QuietPriorities other) {
      if (other == quiet) {
        return this;
      }
      var next = new Levels(this);
      next.quiet = other;
      return next;
    }

    private void begins(long time) {
      if (fresh) {
        fresh = false;
        began = time;
        tookBefore = took;
        took = 0;
        searched = 0;
      }
    }

    private void mark(int priority, long dueAt, long sequence) {
      due[priority] = dueAt;
      seq[priority] = sequence;
      if (hasLeft(priority)
          && !newer(priority).isAtOrBehind(leftDue[priority], leftSeq[priority])) {
        leftDue[priority] = dueAt;
        leftSeq[priority] = sequence;
      }
    }

    private void searched(ClaimRange slice) {
      leftDue[slice.priority()] = slice.due();
      leftSeq[slice.priority()] = slice.seq();
    }

    /** Whether something is left in this priority or a higher one. */
    private boolean hasLeftFrom(int lowest) {
      return IntStream.range(Math.max(0, lowest), LEVELS).anyMatch(this::hasLeft);
    }

    private void leavesNothing() {
      Arrays.fill(leftDue, START);
    }
  }

  private final long slackNanos;
  private final long sliceNanos;
  private final boolean walksOverDead;
  private final LongSupplier nanoTime;
  private final Map<String, Levels> queues = new ConcurrentHashMap<>();

  /** Until when claims look for free slots of keys first, by the queue: a local time. */
  private final Map<String, Long> arrivals = new ConcurrentHashMap<>();

  /**
   * @param orderSlack how long claims may skip older jobs
   * @param walksOverDead see {@link StyleStatements#walksOverDead}: then a slice would cost as much
   *     as the whole, and each range costs something, also where there are no jobs
   */
  Watermarks(Duration orderSlack, Duration callTimeout, boolean walksOverDead) {
    this(orderSlack, callTimeout, walksOverDead, System::nanoTime);
  }

  Watermarks(
      Duration orderSlack, Duration callTimeout, boolean walksOverDead, LongSupplier nanoTime) {
    this.slackNanos = orderSlack.toNanos();
    this.sliceNanos = callTimeout.dividedBy(SLICE_PART).toNanos();
    this.walksOverDead = walksOverDead;
    this.nanoTime = nanoTime;
  }

  /** Levels that begin at the start. */
  static Levels start() {
    return new Levels();
  }

  Levels of(String queue) {
    return slackNanos == 0 ? start() : queues.compute(queue, (q, levels) -> current(levels));
  }

  private Levels current(@Nullable Levels levels) {
    if (levels == null) {
      return start();
    }
    if (isOld(levels)) {
      return levels.anew();
    }
    return walksOverDead
        ? levels.with(levels.quiet.at(nanoTime.getAsLong(), TIMES_THE_LOOK))
        : levels;
  }

  private boolean isOld(Levels levels) {
    if (levels.fresh || levels.unfinished) {
      return false;
    }
    long wanted = TIMES_THE_LOOK * Math.min(levels.took, levels.tookBefore);
    long pause = Math.min(Math.max(slackNanos, wanted), MAX_SLACKS * slackNanos);
    if (levels.givenUp) {
      pause = Math.max(slackNanos, TIMES_THE_LOOK * levels.took);
    }
    return levels.again || nanoTime.getAsLong() - levels.began >= pause;
  }

  /** Whether a claim that has looked for so long may look at a further slice. */
  boolean hasTimeForMore(Levels levels, long looked) {
    return looked < nanosOfAClaim(levels);
  }

  /** The further a series is, the more its claims search, so that it comes to an end. */
  private long nanosOfAClaim(Levels levels) {
    return Math.min(sliceNanos << (levels.claims / PATIENCE), MOST_TIMES * sliceNanos);
  }

  /** How long full looks take, if that is too long for one claim; else 0. One may be a pause. */
  long tooLong(Levels levels) {
    long took = levels.unfinished ? levels.searched : Math.min(levels.took, levels.tookBefore);
    return took > sliceNanos ? took : 0;
  }

  /** Whether a look that a time limit has cut has to be repeated without what is old. */
  boolean canSkip(Levels from) {
    return slackNanos > 0 && from.isFull();
  }

  /**
   * Notes a look, unless another one was noted meanwhile, or an older job has become claimable. A
   * job may be committed a little later than it is due, so the next look begins one slack earlier.
   *
   * @param from where it began
   * @param look what it met, in order
   * @param full whether there may be more behind what it met
   * @param began the local time at which it began
   * @param took for how many nanoseconds it looked
   * @param first whether it was the first look of its claim
   */
  void seen(
      String queue,
      Levels from,
      ClaimLook look,
      boolean full,
      long began,
      long took,
      boolean first) {
    queues.computeIfPresent(
        queue,
        (q, levels) -> levels == from ? after(from, look, full, began, took, first) : levels);
  }

  private Levels after(
      Levels from, ClaimLook look, boolean full, long began, long took, boolean first) {
    var to = new Levels(from);
    to.begins(began);
    List<QueuePosition> met = look.met().stream().map(ClaimedRow::place).toList();
    int lowest = full ? met.get(met.size() - 1).priority() : -1;
    long settled = settled(look.asOf());
    for (int level = Limits.MAX_PRIORITY; level > lowest; level--) {
      if (!from.isAsked(level)) {
        continue;
      }
      if (from.hasLeft(level)) {
        to.searched(from.slice(level));
      }
      // The first look of a full one may lower it: the clock may have been set back.
      if (from.fresh || to.due[level] < settled) {
        to.mark(level, settled, START);
      }
    }
    if (walksOverDead) {
      to.quiet = from.quiet.after(from.fresh, look.seen(), began, took);
    }
    if (full) {
      filled(from, to, met.stream().filter(place -> place.priority() == lowest).toList());
    } else if (first) {
      to.claims++;
    }
    if (from.isSliced()) {
      sliced(to, took, lowest);
    } else {
      to.took = Math.max(to.took, took);
      to.sliced = from.sliced || (!walksOverDead && from.isFull() && took > sliceNanos);
    }
    return to;
  }

  private long settled(long asOf) {
    return asOf - TimeUnit.NANOSECONDS.toMicros(slackNanos);
  }

  /** Notes what a look met in the priority in which it reached its limit. */
  private static void filled(Levels from, Levels to, List<QueuePosition> met) {
    int priority = met.get(0).priority();
    Optional<QueuePosition> newer = met.stream().filter(from.newer(priority)::contains).findFirst();
    if (newer.isPresent() && from.hasLeft(priority)) {
      to.searched(from.slice(priority));
    }
    // To begin with an older one would be to walk from there to the newer ones.
    newer
        .or(() -> from.sliced ? Optional.empty() : Optional.of(met.get(0)))
        .ifPresent(place -> to.mark(priority, place.dueAt(), place.seq()));
  }

  /** Notes a look at a slice: how long the next one is, and whether there is one. */
  private void sliced(Levels to, long took, int lowest) {
    to.searched += took;
    to.unfinished = to.hasLeftFrom(lowest);
    if (!to.unfinished) {
      to.took = to.searched;
      to.sliced = to.searched > sliceNanos;
    } else if (to.claims >= Claim.MAX_PARTS - 1) {
      to.slice = WHOLE;
    } else if (took < nanosOfAClaim(to) / QUICK) {
      to.slice = to.slice > WHOLE / 2 ? WHOLE : to.slice * 2;
    } else if (took > nanosOfAClaim(to) / 2) {
      to.slice = Math.max(1, to.slice / 2);
    }
  }

  /**
   * Notes that a time limit has cut a look that searched behind the watermarks: later looks search
   * smaller slices, pass over the smallest, or leave out for a while what is old. Watermarks that
   * are missing are made.
   *
   * @param now the store's time
   */
  void cut(String queue, Levels from, long now, long began, long took) {
    var to = new Levels(from);
    to.begins(began);
    to.claims++;
    to.searched += took;
    for (int level = 0; level < LEVELS; level++) {
      if (from.due[level] == START) {
        to.due[level] = settled(now);
        to.leftDue[level] = to.due[level];
      }
      if (from.isSliced() && from.slice == 1 && from.hasLeft(level)) {
        to.searched(from.slice(level));
      }
    }
    to.givenUp = walksOverDead || from.claims >= Claim.MAX_PARTS - 1 || !to.hasLeftFrom(0);
    to.unfinished = !to.givenUp;
    if (to.givenUp) {
      to.leavesNothing();
      to.took = to.searched;
    } else {
      to.slice = from.isSliced() ? Math.max(1, from.slice / CUT) : FIRST_SLICE;
      to.sliced = true;
    }
    queues.replace(queue, from, to);
  }

  /** Makes the next claim look from the start, since an older job may have become claimable. */
  void drop(String queue) {
    queues.computeIfPresent(queue, (q, levels) -> levels.anew());
  }

  /** Makes the next claim look for new jobs of a priority, also if there were none. */
  void hinted(String queue, int priority) {
    hinted(queue, priority, priority);
  }

  /** Makes claims look for new jobs of a priority for so long: those before the commit see none. */
  void expected(String queue, int priority, long nanos) {
    if (walksOverDead && slackNanos > 0) {
      long end = nanoTime.getAsLong() + nanos;
      queues.compute(
          queue,
          (q, levels) -> {
            if (levels == null && queues.size() >= MOST_HEARD_OF) {
              return null;
            }
            Levels known = levels == null ? start() : levels;
            return known.with(known.quiet.hinted(priority, priority, end));
          });
    }
  }

  /** Makes the next claim look for new jobs of all priorities. */
  void hinted(String queue) {
    hinted(queue, 0, Limits.MAX_PRIORITY);
  }

  private void hinted(String queue, int from, int to) {
    if (walksOverDead) {
      queues.computeIfPresent(
          queue, (q, levels) -> levels.with(levels.quiet.hinted(from, to, nanoTime.getAsLong())));
    }
  }

  /** Makes claims look for free slots of keys first: the next one, and all for so long. */
  void arrived(String queue, long nanos) {
    arrivals.merge(
        queue, nanoTime.getAsLong() + nanos, (one, other) -> one - other > 0 ? one : other);
  }

  /** Whether a claim has to look for free slots first. */
  boolean hasArrivals(String queue) {
    Long until = arrivals.get(queue);
    return until != null && (until - nanoTime.getAsLong() > 0 || arrivals.remove(queue, until));
  }

  void dropAll() {
    queues.replaceAll((queue, levels) -> levels.anew());
  }
}
