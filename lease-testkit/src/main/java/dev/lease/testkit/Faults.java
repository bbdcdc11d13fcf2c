package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls of the stores that it wraps go wrong. A fault that the test set for the next call of a
 * method comes first, then an outage, then the random plan. Safe for use by many threads.
 *
 * <p>Hints always pass, since they are not calls. Nor is {@link JobAdmin#by}: it always answers,
 * and the calls of the view that it gives go wrong.
 */
public final class Faults {

  /**
   * A repeated claim is a second claim, and nobody would know of the first one's jobs (policy 6).
   */
  private static final Set<String> NOT_REPEATABLE = Set.of("acquire", "claim", "settleAndClaim");

  private static final Set<String> NO_CALLS = Set.of("onWork", "hint", "by");

  private static final Duration SHORT = Duration.ofMillis(1);
  private static final List<Fault> ANY =
      List.of(
          Fault.RESEND,
          Fault.LOST_REPLY,
          Fault.NOT_DONE,
          Fault.delayBefore(SHORT),
          Fault.delayAfter(SHORT));

  private final Function<String, Fault> plan;
  private final Map<String, Deque<Fault>> next = new HashMap<>();
  private boolean outage;

  /** Makes faults without a plan: nothing goes wrong until the test says so. */
  public Faults() {
    this(method -> Fault.NONE);
  }

  /** Makes faults with a plan that is asked at each call, with the name of its method. */
  Faults(Function<String, Fault> plan) {
    this.plan = plan;
  }

  /**
   * Makes faults that let some calls go wrong: sent twice, reply lost, not done, call or answer 1
   * ms late, each equally often.
   *
   * @param seed repeats the same choices if the calls come in the same order
   * @param share the share of calls that go wrong, 0 to 1
   * @return the faults
   */
  public static Faults random(long seed, double share) {
    return new Faults(randomPlan(seed, share));
  }

  static Function<String, Fault> randomPlan(long seed, double share) {
    var random = new Random(seed);
    return method -> random.nextDouble() < share ? ANY.get(random.nextInt(ANY.size())) : Fault.NONE;
  }

  /**
   * Sets what goes wrong with the next calls of a method, one fault for each, after the faults that
   * were set before.
   *
   * @param method the name of the method, such as {@code settle}
   * @param faults what goes wrong with the next call, the one after it, and so on
   * @throws IllegalArgumentException if the method must not be sent twice, but a fault is {@link
   *     Fault#RESEND}
   */
  public synchronized void next(String method, Fault... faults) {
    for (Fault fault : faults) {
      Limits.notNull("fault", fault);
      if (fault == Fault.RESEND && !isRepeatable(method)) {
        throw new IllegalArgumentException(method + " must not be sent twice (policy 6)");
      }
      next.computeIfAbsent(method, name -> new ArrayDeque<>()).add(fault);
    }
  }

  /** Begins an outage: no call is made, and each fails and says that nothing was done. */
  public synchronized void outage() {
    outage = true;
  }

  /** Ends an outage and drops the faults set for next calls. A random plan goes on. */
  public synchronized void heal() {
    outage = false;
    next.clear();
  }

  /**
   * Wraps the parts of a backend object: its named leases, queues, graphs and calls for operators.
   * What else it does, such as its close, always passes.
   *
   * @param backend the backend object
   * @return the backend object, whose parts have these faults
   */
  public Backend wrap(Backend backend) {
    BackendView wrapped = BackendView.of(backend);
    Set<Capability> has = backend.capabilities();
    if (has.contains(Capability.LEASES)) {
      wrapped = wrapped.withLeaseStore(wrap(backend.leaseStore()));
    }
    if (has.contains(Capability.JOBS)) {
      wrapped = wrapped.withJobQueue(wrap(backend.jobQueue()));
    }
    if (has.contains(Capability.ADMIN)) {
      wrapped = wrapped.withJobAdmin(wrap(backend.jobAdmin()));
    }
    if (has.contains(Capability.GRAPHS)) {
      wrapped = wrapped.withJobGraphs(wrap(backend.jobGraphs()));
    }
    return wrapped;
  }

  /**
   * Wraps a lease store.
   *
   * @param store the store
   * @return the store with these faults
   */
  public LeaseStore wrap(LeaseStore store) {
    return wrap(LeaseStore.class, store);
  }

  /**
   * Wraps a job queue.
   *
   * @param queue the store
   * @return the store with these faults
   */
  public JobQueue wrap(JobQueue queue) {
    return wrap(JobQueue.class, queue);
  }

  /**
   * Wraps a job admin.
   *
   * @param admin the store
   * @return the store with these faults
   */
  public JobAdmin wrap(JobAdmin admin) {
    return wrap(JobAdmin.class, admin);
  }

  /**
   * Wraps the graphs of a store.
   *
   * @param graphs the store
   * @return the store with these faults
   */
  public JobGraphs wrap(JobGraphs graphs) {
    return wrap(JobGraphs.class, graphs);
  }

  private <T> T wrap(Class<T> type, T store) {
    Limits.notNull("store", store);
    Object wrapped =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getName().equals("equals")) {
                return proxy == arguments[0];
              }
              if (!isFaultless(method)) {
                return fault(method.getName()).around(call(store, method, arguments));
              }
              Object answer = invoke(store, method, arguments);
              return answer instanceof JobAdmin view ? wrap(view) : answer;
            });
    return type.cast(wrapped);
  }

  static boolean isRepeatable(String method) {
    return !NOT_REPEATABLE.contains(method);
  }

  private static boolean isFaultless(Method method) {
    return method.getDeclaringClass() == Object.class || NO_CALLS.contains(method.getName());
  }

  private synchronized Fault fault(String method) {
    Deque<Fault> scripted = next.getOrDefault(method, new ArrayDeque<>());
    if (!scripted.isEmpty()) {
      return scripted.remove();
    }
    return outage ? Fault.NOT_DONE : plan.apply(method);
  }

  private static Fault.Call call(Object store, Method method, Object @Nullable [] arguments) {
    return new Fault.Call() {
      @Override
      public String method() {
        return method.getName();
      }

      @Override
      public List<@Nullable Object> arguments() {
        return arguments == null
            ? List.of()
            : Collections.unmodifiableList(Arrays.asList(arguments));
      }

      @Override
      public boolean isRepeatable() {
        return Faults.isRepeatable(method.getName());
      }

      @Override
      public @Nullable Object make() {
        return invoke(store, method, arguments);
      }
    };
  }

  private static @Nullable Object invoke(
      Object store, Method method, Object @Nullable [] arguments) {
    try {
      return method.invoke(store, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
