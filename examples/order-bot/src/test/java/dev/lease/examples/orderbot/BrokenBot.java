package dev.lease.examples.orderbot;

import dev.lease.ClaimRequest;
import dev.lease.Extension;
import dev.lease.JobQueue;
import dev.lease.Settlement;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Order bots whose workers have a broken store: a crash test has to fail with them. */
final class BrokenBot {

  private BrokenBot() {}

  /** Leases expire long before the worker expects it, so jobs are handed out twice. */
  static final class Hasty {
    public static void main(String[] args) {
      run(
          args,
          (queue, method, arguments) -> {
            if (method.getName().equals("claim")) {
              ClaimRequest asked = (ClaimRequest) arguments[0];
              arguments[0] =
                  ClaimRequest.of(
                      asked.queue(), asked.owner(), asked.limit(), Duration.ofMillis(150));
            }
            return method.invoke(queue, arguments);
          });
    }
  }

  /** Each process loses its first settlement of a done job, so the job is done again. */
  static final class Forgetful {
    public static void main(String[] args) {
      run(args, call());
    }

    static Call call() {
      AtomicBoolean forgot = new AtomicBoolean();
      return (queue, method, arguments) -> {
        if (method.getName().equals("settle")
            && isDone((List<?>) arguments[0])
            && forgot.compareAndSet(false, true)) {
          int count = ((List<?>) arguments[0]).size();
          return Collections.nCopies(count, Settlement.Result.ACCEPTED);
        }
        return method.invoke(queue, arguments);
      };
    }

    private static boolean isDone(List<?> settlements) {
      return settlements.stream().anyMatch(Settlement.Done.class::isInstance);
    }
  }

  /** It extends no lease and answers that it did, so a job that takes long is handed out twice. */
  static final class NoExtend {
    public static void main(String[] args) {
      run(
          args,
          (queue, method, arguments) -> {
            if (method.getName().equals("extend")) {
              int count = ((List<?>) arguments[0]).size();
              Instant end = Instant.now().plus((Duration) arguments[1]);
              return Collections.nCopies(count, Extension.held(end, false));
            }
            return method.invoke(queue, arguments);
          });
    }
  }

  /** What happens on a call. */
  interface Call {
    Object on(JobQueue queue, Method method, Object[] arguments)
        throws IllegalAccessException, InvocationTargetException;
  }

  private static void run(String[] args, Call call) {
    System.exit(OrderBot.commandLine(factory(call)).execute(args));
  }

  private static IFactory factory(Call call) {
    return new IFactory() {
      @Override
      public <K> K create(Class<K> type) throws Exception {
        return type == WorkerCommand.class
            ? type.cast(new WorkerCommand(queue -> broken(queue, call)))
            : CommandLine.defaultFactory().create(type);
      }
    };
  }

  static JobQueue broken(JobQueue queue, Call call) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.isDefault() && method.getName().equals("settleAndClaim")) {
            // The default is a settle and a claim, and each of them may be broken.
            return InvocationHandler.invokeDefault(proxy, method, arguments);
          }
          try {
            return call.on(queue, method, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (JobQueue)
        Proxy.newProxyInstance(
            BrokenBot.class.getClassLoader(), new Class<?>[] {JobQueue.class}, handler);
  }
}
