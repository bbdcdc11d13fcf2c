package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobQueue;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
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

  private static JobQueue withoutHints(JobQueue queues) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          try {
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
