package dev.lease.worker;

import dev.lease.ClaimedJob;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A type of jobs with its handler and its retry policy. */
record HandlerRegistration<T>(JobType<T> type, JobHandler<T> handler, RetryPolicy retry) {

  private static final Logger log = LoggerFactory.getLogger(HandlerRegistration.class);

  /**
   * Reads the payload and calls the handler. If that throws, the attempt has failed.
   *
   * @throws UnreadablePayloadException if the payload cannot be read; the handler was not called
   */
  void handle(ClaimedJob job, PayloadCodec codec, JobContext context) throws Exception {
    handler.handle(type.payload().read(job, codec), context);
  }

  /** The pause after a failed attempt; empty if another attempt cannot help. */
  Optional<Duration> pauseAfter(int attempt, Throwable failure) {
    try {
      return retry.pauseAfter(attempt, failure);
    } catch (Throwable e) {
      log.error(
          "The retry policy of type {} threw an exception; RetryPolicy.DEFAULT decides instead",
          type,
          e);
      return RetryPolicy.DEFAULT.pauseAfter(attempt, failure);
    }
  }
}
