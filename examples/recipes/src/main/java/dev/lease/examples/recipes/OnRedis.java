package dev.lease.examples.recipes;

import dev.lease.Job;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;

/**
 * Runs the first job on Redis. Only the line that opens the store differs. All keys of the store
 * begin with its prefix, so several stores can share a server.
 */
final class OnRedis {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  public static void main(String[] args) throws Exception {
    String uri = args.length > 0 ? args[0] : "redis://localhost:6379";
    String prefix = args.length > 1 ? args[1] : "recipes";
    try (RedisBackend backend = RedisBackend.open(RedisConfig.of(uri).withPrefix(prefix));
        Worker worker =
            Worker.builder(backend)
                .handle(
                    PLACE_ORDER,
                    (product, context) -> System.out.println("placing an order of " + product))
                .build()) {
      worker.start();
      String id = JobClient.of(backend).enqueue(PLACE_ORDER, "tea").id();
      Job job = backend.jobQueue().find("orders", id).orElseThrow();
      while (!job.state().isFinished()) {
        Thread.sleep(10);
        job = backend.jobQueue().find("orders", id).orElseThrow();
      }
      System.out.println("the job is " + job.state());
    }
  }
}
