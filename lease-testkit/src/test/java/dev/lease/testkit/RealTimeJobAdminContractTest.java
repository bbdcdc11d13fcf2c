package dev.lease.testkit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class RealTimeJobAdminContractTest extends JobAdminContract {

  /** Tests that would take minutes or a year, or that set the clock back, are skipped. */
  @RegisterExtension
  static final SkipsOnly SKIPS =
      new SkipsOnly(
          "Q05 the delete or purge of a finished job frees no dedup key that another job has",
          "Q36 tokens grow where the clock was set back since the first job of an id was removed",
          "Q36 tokens grow where the clock was set back since a delete by a filter",
          "Q36 tokens grow where a job with a smaller token was removed last",
          "Q36 tokens grow wherever the clock is set back between random calls of workers and"
              + " operators",
          "Q46 a job made anew under an id has no step of the job that was purged",
          "Q46 a purge with a small limit finds old jobs behind younger ones",
          "Q46 a job with a keep of months is not removed a unit too early, and then is",
          "Q46 purge by an age of months removes no younger job, and then removes it",
          "Q46 purge by retention goes by the store's default if the job has no keep",
          "Q59 an operator's call at once with another on an expired job comes before or after",
          "Q90 a record outlives its job, until a purge removes those that are old enough",
          "Q21 a pause lasts for days, months and years",
          "Q40 a reset finds what expired a month ago, and leaves its due time and error",
          "Q46 a purge by an age of more than a year removes what is as old, and no other",
          "Q46 a purge by retention leaves the job with the same id in another queue",
          "Q46 a purge removes what was kept long enough, also while the queue is paused",
          "Q48 a list goes on where it stopped, also days later",
          "Q90 the records of acts go on where they stopped, also days later",
          "Q56 each set of fields of a job that waits is changed, and nothing else",
          "Q57 failed attempts go when the keep of their job is over");

  @Override
  protected StoreFixture fixture() {
    return new RealTimeFixture();
  }
}
