package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.HandlerInterceptor;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobEvent;
import dev.lease.worker.JobType;
import dev.lease.worker.Outcome;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.WorkerListener;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A listener hears how each attempt ends, and an interceptor runs around each handler: here it
 * enters the tenant that a header of the job names, and refuses jobs without one.
 */
final class ListenToAWorker {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  static final ThreadLocal<String> TENANT = new ThreadLocal<>();

  static final class Tenants implements HandlerInterceptor {
    @Override
    public void around(JobContext context, Call call) throws Exception {
      String tenant = context.headers().get("tenant");
      if (tenant == null) {
        throw Outcome.fail().because("the job has no tenant");
      }
      TENANT.set(tenant);
      try {
        call.proceed();
      } finally {
        TENANT.remove();
      }
    }
  }

  /** Prints, and counts down when a job has finished. */
  record Printing(CountDownLatch finished) implements WorkerListener {
    @Override
    public void attemptEnded(JobEvent job) {
      if (job.end() == JobEvent.End.SUCCEEDED) {
        System.out.println(job.jobId() + " is done");
        finished.countDown();
      } else if (job.end() == JobEvent.End.FAILED) {
        System.out.println(job.jobId() + " has failed for good: " + job.failure());
        finished.countDown();
      }
    }
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    CountDownLatch finished = new CountDownLatch(2);
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .config(WorkerConfig.builder().concurrency(1).build())
                .handle(
                    PLACE_ORDER,
                    (order, context) -> System.out.println(order + " for " + TENANT.get()))
                .listen(new Printing(finished))
                .intercept(new Tenants())
                .build()) {
      JobClient client = JobClient.of(backend);
      client.enqueue(
          client.job(PLACE_ORDER, "order-1", "tea").headers(Map.of("tenant", "Ada")).build());
      client.enqueue(client.job(PLACE_ORDER, "order-2", "milk").build());
      worker.start();
      finished.await();
    }
  }
}
