package dev.lease.worker.spring.test;

import dev.lease.worker.TestWorker;
import dev.lease.worker.Worker;
import dev.lease.worker.spring.LeaseWorkerAutoConfiguration;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

/** What {@link LeaseTest} brings: before the worker, which is not made beside it. */
@AutoConfiguration(before = LeaseWorkerAutoConfiguration.class)
public final class LeaseTestAutoConfiguration {

  /** Spring makes one. */
  LeaseTestAutoConfiguration() {}

  @Bean
  TestWorker leaseTestWorker(
      ListableBeanFactory beans,
      @Qualifier("leaseWorkerBuilder") ObjectProvider<Worker.Builder> builders) {
    String[] workers = beans.getBeanNamesForType(Worker.class, true, false);
    if (workers.length > 0) {
      throw new IllegalStateException(
          "a @LeaseTest runs jobs only when the test says so, and the bean "
              + workers[0]
              + " is a Worker that would take them: keep it out of the test, by a profile or a condition");
    }
    Worker.Builder builder = builders.getIfAvailable();
    if (builder == null) {
      throw new IllegalStateException(
          "a @LeaseTest needs a store: add dev.lease:lease-testkit in scope test for one in memory, or a bean of type Backend or, with lease-jdbc, of type DataSource");
    }
    return TestWorker.of(builder);
  }
}
