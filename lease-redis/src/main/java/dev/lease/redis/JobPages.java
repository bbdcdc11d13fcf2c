package dev.lease.redis;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Micros;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of jobs, and counts jobs. Every job is in one of the sorted sets of its queue: those
 * of waiting jobs go by the due time, those of finished jobs by the time of the finish.
 */
final class JobPages {

  /** The most queues that a trip to the server is about, so that a call can be about many. */
  static final int QUEUES_AT_ONCE = 500;

  /** The most queues that are merged at once: those that follow need not be read as far. */
  private static final int MERGED_AT_ONCE = 50;

  /** The most jobs that a script looks at. */
  private static final int MOST_SEEN = 1_000;

  /** How many jobs of a set are read at once beyond its share: jobs of others may come first. */
  private static final int READ_FURTHER = 250;

  /** What a script answers of a job that matches. */
  private enum Told {
    ALL,
    BRIEF,
    NONE
  }

  /**
   * What a script found.
   *
   * @param next where it stopped, or null if there are no more jobs
   */
  private record Found(List<Placed> jobs, int seen, int matching, @Nullable ListCursor next) {}

  private final ScriptRunner runner;
  private final QueueNames queues;

  JobPages(ScriptRunner runner, QueueNames queues) {
    this.runner = runner;
    this.queues = queues;
  }

  JobPage page(JobQuery query) {
    ListCursor from = ListCursor.of(query.after(), query.order());
    return query.order() == JobOrder.LAST_FINISHED_FIRST
        ? lastFinished(query, from)
        : bySets(query, Keys.setsOf(query.filter().states()), from);
  }

  /**
   * A page of a call that changes the jobs, oldest first. It begins with those that have no slot,
   * or wait for parts of their graphs: if another job's slot is passed on to one, or its parts end,
   * that moves into a set which the call has yet to read.
   */
  JobPage piece(JobQuery query) {
    List<String> sets =
        Keys.setsOf(query.filter().states()).stream()
            .sorted(Comparator.comparing(set -> !Keys.isBehindOthers(set)))
            .toList();
    return bySets(query, sets, ListCursor.of(query.after(), query.order()));
  }

  /** Goes through the queues, and in each queue through the sorted sets. */
  private JobPage bySets(JobQuery query, List<String> oldestFirst, @Nullable ListCursor from) {
    JobOrder order = query.order();
    List<String> sets = inOrder(order, oldestFirst);
    List<Job> jobs = new ArrayList<>();
    int seen = 0;
    for (String queue : having(sets, namesFrom(query.filter(), order, from))) {
      ListCursor at =
          from != null && queue.equals(from.queue())
              ? from
              : ListCursor.before(order, queue, sets.get(0));
      while (at != null) {
        int limit = query.limit() - jobs.size();
        int most = query.examineAtMost() - seen;
        if (limit == 0 || most == 0) {
          return JobPage.of(jobs, at.text(), seen);
        }
        Told told = query.isBrief() ? Told.BRIEF : Told.ALL;
        Found found = run(query.filter(), at, setsFrom(at, sets), limit, most, told);
        found.jobs().forEach(it -> jobs.add(it.job()));
        seen += found.seen();
        at = found.next();
      }
    }
    return JobPage.of(jobs, null, seen);
  }

  private static List<String> inOrder(JobOrder order, List<String> oldestFirst) {
    List<String> inOrder = new ArrayList<>(oldestFirst);
    if (order == JobOrder.NEWEST_FIRST) {
      Collections.reverse(inOrder);
    }
    return inOrder;
  }

  private static List<String> setsFrom(ListCursor at, List<String> sets) {
    return sets.subList(at.placeIn(sets), sets.size());
  }

  /** The queues of a list, beginning with the one where its last page ended. */
  private List<String> namesFrom(JobFilter filter, JobOrder order, @Nullable ListCursor from) {
    List<String> names = inOrder(order, names(filter));
    if (from == null) {
      return names;
    }
    Comparator<String> way =
        order == JobOrder.NEWEST_FIRST ? QueueNames.UTF8_ORDER.reversed() : QueueNames.UTF8_ORDER;
    return names.stream().filter(queue -> way.compare(queue, from.queue()) >= 0).toList();
  }

  private List<String> names(JobFilter filter) {
    return filter.queue() == null ? queues.names() : List.of(filter.queue());
  }

  /** Leaves out queues that have none of these sets, if there are several. */
  private List<String> having(List<String> sets, List<String> names) {
    if (names.size() <= 1) {
      return names;
    }
    List<String> having = new ArrayList<>();
    for (int i = 0; i < names.size(); i += QUEUES_AT_ONCE) {
      List<String> some = names.subList(i, Math.min(i + QUEUES_AT_ONCE, names.size()));
      having.addAll(queues.havingAny(sets, some));
    }
    return having;
  }

  /**
   * Merges the sets of finished jobs of the queues. Each is read as far as its share goes. What
   * short sets leave of their shares goes to those before whose end the order is not known.
   */
  private JobPage lastFinished(JobQuery query, @Nullable ListCursor from) {
    JobFilter filter = query.filter();
    List<String> sets = setsOfFinished(filter);
    List<String> names = having(sets, names(filter));
    int share = Math.max(1, query.examineAtMost() / Math.max(1, names.size() * sets.size()));
    String first = filter.finishedBefore() == null ? "+inf" : bound(filter.finishedBefore());
    var merged = new LastFinished(query.limit());
    for (int i = 0; i < names.size(); i += MERGED_AT_ONCE) {
      List<ListCursor> starts = new ArrayList<>();
      for (String queue : names.subList(i, Math.min(i + MERGED_AT_ONCE, names.size()))) {
        sets.forEach(set -> starts.add(LastFinished.start(from, first, queue, set)));
      }
      read(query, starts, share, merged);
    }
    while (merged.hasRoom()) {
      int left = query.examineAtMost() - merged.seen();
      if (left <= 0) {
        break;
      }
      List<ListCursor> places = merged.goOn(Math.min(left, MERGED_AT_ONCE));
      read(query, places, Math.min(left / places.size(), READ_FURTHER), merged);
    }
    return merged.page();
  }

  private void read(JobQuery query, List<ListCursor> places, int most, LastFinished merged) {
    JobFilter filter = query.filter();
    Instant since = merged.since(filter.finishedFrom());
    JobFilter rest = filter.finishedBetween(since, filter.finishedBefore());
    Told told = query.isBrief() ? Told.BRIEF : Told.ALL;
    List<ScriptCall> calls =
        places.stream()
            .map(at -> call(rest, at, List.of(at.set()), query.limit(), most, told))
            .toList();
    List<Reply> replies = runner.run("list jobs", calls);
    for (int i = 0; i < places.size(); i++) {
      Found found = found(places.get(i), replies.get(i), told);
      merged.add(found.jobs(), found.seen(), found.next());
    }
  }

  private static List<String> setsOfFinished(JobFilter filter) {
    return Keys.setsOf(
        filter.states().isEmpty()
            ? EnumSet.of(JobState.DONE, JobState.FAILED, JobState.CANCELLED)
            : filter.states());
  }

  /** Counts the jobs that match, up to a number. */
  long count(JobFilter filter, long most) {
    // With a time since when they have finished, jobs that finished before need not be read.
    boolean isSince = filter.finishedFrom() != null;
    JobOrder order = isSince ? JobOrder.NEWEST_FIRST : JobOrder.OLDEST_FIRST;
    List<String> sets = isSince ? setsOfFinished(filter) : Keys.setsOf(filter.states());
    long jobs = 0;
    for (String queue : having(sets, names(filter))) {
      ListCursor at = ListCursor.before(order, queue, sets.get(0));
      while (at != null && jobs < most) {
        int limit = (int) Math.min(most - jobs, MOST_SEEN);
        Found found = run(filter, at, setsFrom(at, sets), limit, MOST_SEEN, Told.NONE);
        jobs += found.matching();
        at = found.next();
      }
    }
    return jobs;
  }

  private Found run(
      JobFilter filter, ListCursor at, List<String> sets, int limit, int most, Told told) {
    return found(at, runner.run("list jobs", call(filter, at, sets, limit, most, told)), told);
  }

  private ScriptCall call(
      JobFilter filter, ListCursor at, List<String> sets, int limit, int most, Told told) {
    List<Object> args = new ArrayList<>();
    args.add(at.order() == JobOrder.OLDEST_FIRST ? 1 : -1);
    args.add(at.score());
    args.add(at.seq());
    args.add(limit);
    args.add(Math.min(most, MOST_SEEN));
    args.add(told.name().toLowerCase(Locale.ROOT));
    args.add(waitingWanted(filter.states()));
    // A job whose row is damaged reads as FAILED.
    args.add(filter.states().isEmpty() || filter.states().contains(JobState.FAILED) ? 1 : 0);
    args.add(Objects.requireNonNullElse(filter.type(), ""));
    args.add(Objects.requireNonNullElse(filter.key(), ""));
    args.add(Objects.requireNonNullElse(filter.idPrefix(), ""));
    args.add(Objects.requireNonNullElse(filter.errorText(), ""));
    args.add(bound(filter.createdFrom()));
    args.add(bound(filter.createdBefore()));
    args.add(bound(filter.finishedFrom()));
    args.add(bound(filter.finishedBefore()));
    args.addAll(sets);
    return runner.onQueue(at.queue(), Script.LIST, args.toArray());
  }

  /** A bound of the filter, rounded up, because the times of jobs are whole microseconds. */
  private static String bound(@Nullable Instant instant) {
    if (instant == null) {
      return "";
    }
    Instant near = instant.isBefore(Limits.MIN_DUE) ? Limits.MIN_DUE : instant;
    near = near.isAfter(Limits.MAX_DUE) ? Limits.MAX_DUE : near;
    return Long.toString(Micros.notBefore(near));
  }

  private static String waitingWanted(Set<JobState> states) {
    if (states.contains(JobState.PENDING) == states.contains(JobState.RETRY)) {
      return "";
    }
    return states.contains(JobState.PENDING) ? "pending" : "retry";
  }

  private static Found found(ListCursor at, Reply reply, Told told) {
    long now = reply.number();
    boolean goesOn = reply.number() == 1;
    ListCursor to = at.at(reply.text(), reply.text(), reply.number());
    int seen = reply.integer();
    int matching = reply.integer();
    List<Placed> jobs = new ArrayList<>();
    while (reply.hasMore()) {
      Reply part = reply.part();
      Job job = JobCodec.job(at.queue(), now, part);
      ListCursor place = at.at(at.set(), part.text(), part.number());
      jobs.add(new Placed(told == Told.BRIEF ? job.brief() : job, place));
    }
    return new Found(jobs, seen, matching, goesOn ? to : null);
  }
}
