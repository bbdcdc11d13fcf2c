package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;

/** The contract on a store that lacks everything that a store may lack. */
@Tag("slow")
class WithoutExtrasJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new InMemoryFixture() {
      @Override
      public Backend open() {
        Backend real = super.open();
        return new Backend() {
          @Override
          public Set<Capability> capabilities() {
            return Set.of(Capability.JOBS);
          }

          @Override
          public JobQueue jobQueue() {
            return withoutHints(real.jobQueue());
          }

          @Override
          public Duration longestCall() {
            return real.longestCall();
          }

          @Override
          public void close() {
            real.close();
          }
        };
      }
    };
  }

  @SuppressWarnings("unchecked")
  private static JobQueue withoutHints(JobQueue queues) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          try {
            if (method.getName().equals("enqueue")) {
              NewJob.requireNoKeys(Limits.batch("jobs", (List<NewJob>) arguments[0]));
            }
            return method.getName().equals("onWork") || method.getName().equals("hint")
                ? InvocationHandler.invokeDefault(proxy, method, arguments)
                : method.invoke(queues, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (JobQueue)
        Proxy.newProxyInstance(
            JobQueue.class.getClassLoader(), new Class<?>[] {JobQueue.class}, handler);
  }
}
