package dev.lease.worker;

import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** A type of jobs and what does its work. */
record HandlerRegistration<T>(JobType<T> type, JobHandler<T> handler, RetryPolicy retry) {

  private static final Logger log = LoggerFactory.getLogger(HandlerRegistration.class);

  /**
   * Reads the payload and calls the handler; both can fail, and both are this attempt's failure.
   */
  void handle(String json, JsonMapper mapper, JobContext context) throws Exception {
    T payload = mapper.readValue(json, type.payloadType());
    if (payload == null) {
      throw new IllegalArgumentException("the payload is null");
    }
    handler.handle(payload, context);
  }

  /** The pause after an attempt that failed; empty where no further one can help. */
  Optional<Duration> pauseAfter(int attempt, Throwable failure) {
    try {
      return retry.pauseAfter(attempt, failure);
    } catch (Throwable e) {
      log.error("The retry policy of type {} failed; the default is asked instead", type.name(), e);
      return RetryPolicy.DEFAULT.pauseAfter(attempt, failure);
    }
  }
}
