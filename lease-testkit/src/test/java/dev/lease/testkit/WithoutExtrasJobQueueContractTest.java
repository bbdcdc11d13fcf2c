package dev.lease.testkit;

import static dev.lease.testkit.TestBackend.offered;

import dev.lease.Capability;
import dev.lease.JobQueue;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;

/** The contract on a store that lacks everything that a store may lack. */
@Tag("slow")
class WithoutExtrasJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new InMemoryFixture() {
      @Override
      public TestBackend open() {
        TestBackend backend = super.open();
        JobQueue queues = offered("JobQueue", backend.jobQueue());
        return new TestBackend(null, withoutHints(queues), null, backend.onClose());
      }

      @Override
      public Set<Capability> lacks() {
        return EnumSet.allOf(Capability.class);
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
