package dev.lease.examples.proof;

import dev.lease.JobQueue;
import dev.lease.Settlement;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** Objects of a store with something done before or after some of their calls. */
final class Wrapped {

  /** The call that was meant. */
  interface Call {
    Object make() throws Throwable;
  }

  /** What becomes of a call. */
  interface Around {
    Object around(Method method, Object[] args, Call call) throws Throwable;
  }

  private Wrapped() {}

  /** Does something before each commit. */
  static DataSource beforeCommit(DataSource source, Runnable action) {
    return proxy(
        DataSource.class,
        source,
        (method, args, call) ->
            method.getName().equals("getConnection")
                ? beforeCommit((Connection) call.make(), action)
                : call.make());
  }

  private static Connection beforeCommit(Connection connection, Runnable action) {
    return proxy(
        Connection.class,
        connection,
        (method, args, call) -> {
          if (method.getName().equals("commit")) {
            action.run();
          }
          return call.make();
        });
  }

  /** Does something in the place of calls. */
  static JobQueue jobQueue(JobQueue jobs, Around around) {
    return proxy(JobQueue.class, jobs, around);
  }

  /** Does something before and after settlements are stored. */
  @SuppressWarnings("unchecked") // A settling call begins with a list of settlements.
  static JobQueue aroundSettlements(
      JobQueue jobs, Consumer<Settlement> before, Consumer<Settlement> after) {
    return jobQueue(
        jobs,
        (method, args, call) -> {
          if (!method.getName().startsWith("settle")) {
            return call.make();
          }
          List<Settlement> settlements = (List<Settlement>) args[0];
          settlements.forEach(before);
          Object answer = call.make();
          settlements.forEach(after);
          return answer;
        });
  }

  private static <T> T proxy(Class<T> type, T real, Around around) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) -> around.around(method, args, () -> call(real, method, args))));
  }

  private static Object call(Object real, Method method, Object[] args) throws Throwable {
    try {
      return method.invoke(real, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
