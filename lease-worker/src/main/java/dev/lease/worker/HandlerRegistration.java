package dev.lease.worker;

import tools.jackson.databind.json.JsonMapper;

/** A type of jobs and what does its work. */
record HandlerRegistration<T>(JobType<T> type, JobHandler<T> handler, RetryPolicy retry) {

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
}
