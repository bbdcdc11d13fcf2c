package dev.lease.console.pages;

/** What an act did. A link can name one of these, and no words of its own. */
public enum Did {
  /** A job waits again. */
  RETRIED("The job waits again, and is due now."),
  /** A job is due. */
  DUE_NOW("The job is due now."),
  /** A job has new values. */
  CHANGED("The job is changed."),
  /** A job is cancelled. */
  CANCELLED("The job is cancelled."),
  /** A job that runs is to be cancelled. */
  CANCEL_REQUESTED("The job runs. Its worker learns of the request with its next extension."),
  /** A job is gone. */
  DELETED("The job is deleted."),
  /** A queue is paused. */
  PAUSED("The queue is paused: jobs that run go on, and no other begins."),
  /** A queue is no longer paused. */
  RESUMED("The queue is not paused."),
  /** A schedule has enqueued a job. */
  RUN("The schedule has enqueued a job."),
  /** The job of this form is there. */
  RUN_BEFORE("This form was sent before, and its job is there: nothing was done."),
  /** A schedule is paused. */
  SCHEDULE_PAUSED("The schedule is paused."),
  /** A schedule is no longer paused. */
  SCHEDULE_RESUMED("The schedule is not paused."),
  /** There is no such schedule. */
  NO_SCHEDULE("There is no such schedule: nothing was done."),
  /** Another job has the dedup key. */
  CONFLICT("Another job has the dedup key of this one: nothing was done."),
  /** A worker holds the job. */
  HELD("A worker holds the job: nothing was done."),
  /** The job is finished. */
  FINISHED("The job is finished: nothing was done."),
  /** The job is neither failed nor cancelled. */
  NOT_FAILED("The job is neither failed nor cancelled: nothing was done."),
  /** There is no such job. */
  NOT_FOUND("There is no such job: nothing was done.");

  private final String words;

  Did(String words) {
    this.words = words;
  }

  /** {@return a sentence} */
  public String words() {
    return words;
  }
}
