package dev.lease.examples.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ProofClientTest {

  private static final ProofPoint POINT = ProofPoint.beforeEffect("charge");

  @Test
  @Timeout(120)
  void aWorkerThatIsInterruptedWhileItWaitsMakesItsEffect() throws Exception {
    try (ProofWorld world = new ProofWorld(1)) {
      ProofClient client = new ProofClient(world.url(), "worker");
      FutureTask<Object> attempt =
          new FutureTask<>(
              () -> {
                client.announce(POINT, 1);
                client.effect(new ProofWorld.Effect("job", "charge", null, 1, false));
                return true;
              });
      Thread handler = handlerThread(attempt);
      ProofWorld.Reached reached = NotYetDoneTest.awaitReached(world);

      handler.interrupt();
      world.open(reached);

      attempt.get(1, TimeUnit.MINUTES);
      assertThat(world.effects().made("job", "charge")).isEqualTo(1);
    }
  }

  /** Starts the thread of a handler: a virtual one, if the JVM has them. */
  private static Thread handlerThread(Runnable task)
      throws IllegalAccessException, InvocationTargetException {
    try {
      return (Thread)
          Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
    } catch (NoSuchMethodException e) {
      Thread thread = new Thread(task);
      thread.start();
      return thread;
    }
  }
}
