package dev.lease.worker.spring;

import dev.lease.worker.JobClient;
import dev.lease.worker.Worker;

/**
 * Sets what no property and no bean sets, such as {@link Worker.Builder#queuesWithPrefix}. A bean
 * of this type is called with each builder, in the order of the beans, after the properties and the
 * other beans were set; the client's interceptors are put around it later. Applications implement
 * it. It grows only by methods with a default.
 */
public interface LeaseCustomizer {

  /**
   * Sets more of the worker. It is called each time that the worker starts.
   *
   * @param worker the builder of the worker
   */
  default void customize(Worker.Builder worker) {}

  /**
   * Sets more of the client.
   *
   * @param client the builder of the client
   */
  default void customize(JobClient.Builder client) {}

  /**
   * Is called each time that the worker has started.
   *
   * @param worker the worker
   */
  default void started(Worker worker) {}
}
