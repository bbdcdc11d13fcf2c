package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobLease;
import java.util.List;
import java.util.function.Function;

/**
 * Two calls of two processes on one job. The law is the same for every pair: they answer, and leave
 * the job, as if one had come after the other. What the two orders give, the store shows itself.
 */
final class PairOfCalls {

  /** How often each pair races. */
  private static final int ROUNDS = Math.max(5, Race.ROUNDS / 40);

  /** A call of one process on a job; answers in words, without tokens and times. */
  record Call(String name, Answer answer) {
    interface Answer {
      String of(Side side) throws Exception;
    }

    /** Makes the call, and once more if it has passed over a job that somebody had locked. */
    String repeated(Side side, String first) throws Exception {
      return first.equals(PASSED_BY) ? answer.of(side) : first;
    }
  }

  /** What a call answers if it found nothing to do. */
  static final String PASSED_BY = "passed by";

  /** A job, and the process that calls. */
  record Side(boolean isFirst, PairedJob job) {}

  /** A job, alone in its queue, and the lease of the one who has it or had it. */
  record PairedJob(String queue, JobLease lease) {}

  /** The answers of both calls, and what is left of the job. */
  private record Outcome(String one, String other, String left) {}

  private final Race.Start<PairedJob> start;
  private final Function<PairedJob, String> left;

  /**
   * @param start makes jobs in the state in which the calls meet them
   * @param left tells what is left of a job
   */
  PairOfCalls(Race.Start<PairedJob> start, Function<PairedJob, String> left) {
    this.start = start;
    this.left = left;
  }

  /** Lets each call race with each, itself included. */
  void race(List<Call> calls) throws Exception {
    for (int i = 0; i < calls.size(); i++) {
      race(calls.subList(i, i + 1), calls.subList(i, calls.size()));
    }
  }

  /** Lets each of some calls race with each of others. */
  void race(List<Call> calls, List<Call> others) throws Exception {
    for (Call one : calls) {
      for (Call other : others) {
        race(one, other);
      }
    }
  }

  private void race(Call one, Call other) throws Exception {
    Outcome forth = inOrder(one, other, true);
    Outcome back = inOrder(one, other, false);
    new Race<>(start, ROUNDS)
        .run(
            job -> one.answer().of(new Side(true, job)),
            job -> other.answer().of(new Side(false, job)),
            (job, first, second) ->
                assertThat(outcome(one, other, job, first, second))
                    .as("%s against %s", one.name(), other.name())
                    .isIn(forth, back));
  }

  private Outcome inOrder(Call one, Call other, boolean forth) throws Exception {
    PairedJob job = start.rounds(1).get(0);
    var first = new Side(true, job);
    var second = new Side(false, job);
    if (forth) {
      String answer = one.answer().of(first);
      return new Outcome(answer, other.answer().of(second), left.apply(job));
    }
    String answer = other.answer().of(second);
    return new Outcome(one.answer().of(first), answer, left.apply(job));
  }

  private Outcome outcome(Call one, Call other, PairedJob job, String first, String second) {
    try {
      String answer = one.repeated(new Side(true, job), first);
      String answer2 = other.repeated(new Side(false, job), second);
      return new Outcome(answer, answer2, left.apply(job));
    } catch (Exception e) {
      throw new IllegalStateException(one.name() + " against " + other.name(), e);
    }
  }
}
