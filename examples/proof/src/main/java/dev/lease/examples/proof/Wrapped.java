package dev.lease.examples.proof;

import dev.lease.Claim;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/** Adds something to some calls of an object. */
final class Wrapped {

  /** The original call. */
  interface Call {
    Object make() throws Throwable;
  }

  /** What happens on a call. */
  interface Around {
    Object around(Method method, Object[] args, Call call) throws Throwable;
  }

  private Wrapped() {}

  /** Runs an action before each commit. */
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

  /** Replaces the calls of a store. */
  static JobQueue jobQueue(JobQueue jobs, Around around) {
    return proxy(JobQueue.class, jobs, around);
  }

  /** Runs an action before settlements are sent, and another with them and their answers. */
  @SuppressWarnings("unchecked") // A settling call begins with a list of settlements.
  static JobQueue aroundSettlements(
      JobQueue jobs,
      Consumer<List<Settlement>> before,
      BiConsumer<List<Settlement>, List<Settlement.Result>> after) {
    return jobQueue(
        jobs,
        (method, args, call) -> {
          if (!method.getName().startsWith("settle")) {
            return call.make();
          }
          List<Settlement> settlements = (List<Settlement>) args[0];
          before.accept(settlements);
          Object answer = call.make();
          after.accept(
              settlements,
              answer instanceof SettledAndClaimed both
                  ? both.settled()
                  : (List<Settlement.Result>) answer);
          return answer;
        });
  }

  /** Runs an action with the leases under which jobs have become DONE. */
  static JobQueue afterDone(JobQueue jobs, Consumer<List<JobLease>> action) {
    return aroundSettlements(
        jobs,
        settlements -> {},
        (settlements, results) ->
            action.accept(
                IntStream.range(0, results.size())
                    .filter(i -> results.get(i) == Settlement.Result.ACCEPTED)
                    .mapToObj(settlements::get)
                    .filter(settlement -> settlement instanceof Settlement.Done)
                    .map(Settlement::lease)
                    .toList()));
  }

  /** Runs an action with the jobs of each claim, also if there are none. */
  static JobQueue afterClaims(JobQueue jobs, Consumer<List<ClaimedJob>> action) {
    return jobQueue(
        jobs,
        (method, args, call) -> {
          Object answer = call.make();
          if (answer instanceof Claim claim) {
            action.accept(claim.jobs());
          } else if (answer instanceof SettledAndClaimed both) {
            action.accept(both.claim().jobs());
          }
          return answer;
        });
  }

  /** Runs an action with the leases and the answers of each extension. */
  @SuppressWarnings("unchecked") // An extending call begins with a list of leases.
  static JobQueue afterExtensions(
      JobQueue jobs, BiConsumer<List<JobLease>, List<Extension>> action) {
    return jobQueue(
        jobs,
        (method, args, call) -> {
          Object answer = call.make();
          if (method.getName().equals("extend")) {
            action.accept((List<JobLease>) args[0], (List<Extension>) answer);
          }
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
