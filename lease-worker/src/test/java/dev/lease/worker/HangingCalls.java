package dev.lease.worker;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store around which calls of some kinds hang, for some queues or named leases. A call that
 * carries several queues hangs if one of them is meant. Whoever interrupts a call that hangs waits
 * in vain.
 */
final class HangingCalls implements Backend, Hang {

  private static final int EACH = 10;

  /** What hangs, from the beginning of a fault to its end. */
  private record Meant(Set<Call> calls, Predicate<String> names, Fault fault) {}

  private final Backend real;
  private final Duration longestCall;
  private final Duration lease;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch othersAreThrough = new CountDownLatch(1);
  private final AtomicInteger caught = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();
  private final AtomicInteger meantCalls = new AtomicInteger();
  private volatile @Nullable Meant meant;

  /**
   * Nothing hangs yet.
   *
   * @param longestCall what the store says of its calls, which those that hang do not keep
   * @param lease how long leases last, of which the times of a fault are shares
   */
  HangingCalls(Backend real, Duration longestCall, Duration lease) {
    this.real = real;
    this.longestCall = longestCall;
    this.lease = lease;
  }

  @Override
  public Set<Capability> capabilities() {
    return real.capabilities();
  }

  void begin(Set<Call> calls, Predicate<String> names, Fault fault) {
    meant = new Meant(calls, names, fault);
  }

  @Override
  public void begin(Call call, String name, Fault fault) {
    begin(
        call == Call.SETTLE ? EnumSet.of(call, Call.SETTLE_AND_CLAIM) : EnumSet.of(call),
        name::equals,
        fault);
  }

  @Override
  public void end() {
    meant = null;
  }

  @Override
  public int caught() {
    return caught.get();
  }

  @Override
  public int lost() {
    return lost.get();
  }

  @Override
  public void othersAreThrough() {
    othersAreThrough.countDown();
  }

  /** How many calls hung at the same time, at most. */
  int mostUnderWay() {
    return mostUnderWay.get();
  }

  @Override
  public LeaseStore leaseStore() {
    return around(LeaseStore.class, real.leaseStore());
  }

  @Override
  public JobQueue jobQueue() {
    return around(JobQueue.class, real.jobQueue());
  }

  @Override
  public JobAdmin jobAdmin() {
    return around(JobAdmin.class, real.jobAdmin());
  }

  @Override
  public Admission admission() {
    return real.admission();
  }

  @Override
  public JobGraphs jobGraphs() {
    return real.jobGraphs();
  }

  @Override
  public Duration longestCall() {
    return longestCall;
  }

  /** Lets go of all calls that hang; they throw. */
  @Override
  public void close() {
    end();
    closed.countDown();
    othersAreThrough.countDown();
  }

  private <T> T around(Class<T> part, T target) {
    return part.cast(
        Proxy.newProxyInstance(
            part.getClassLoader(),
            new Class<?>[] {part},
            (proxy, method, arguments) -> call(target, method, arguments)));
  }

  private @Nullable Object call(
      Object target, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    Fault fault = faultOf(method, arguments);
    if (fault != null && fault != Fault.LATE) {
      hang(fault);
    }
    Object answer;
    try {
      answer = method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    if (fault == Fault.LATE) {
      hang(fault);
    }
    return answer;
  }

  private @Nullable Fault faultOf(Method method, @Nullable Object @Nullable [] arguments) {
    Meant now = meant;
    if (now == null
        || now.calls.stream().noneMatch(call -> call.is(method))
        || (now.calls.stream().noneMatch(Call::isOfNoQueue) && !isMeant(now, arguments))) {
      return null;
    }
    if (now.fault == Fault.TENTH && meantCalls.getAndIncrement() % EACH != 0) {
      return null;
    }
    return now.fault;
  }

  private static boolean isMeant(Meant now, @Nullable Object @Nullable [] arguments) {
    // The name comes first, or what carries it: a call's other texts name nothing.
    return arguments != null && arguments.length > 0 && carries(arguments[0], now.names);
  }

  private static boolean carries(@Nullable Object argument, Predicate<String> names) {
    if (argument instanceof Collection<?> all) {
      return all.stream().anyMatch(each -> carries(each, names));
    } else if (argument instanceof NewJob job) {
      return names.test(job.queue());
    } else if (argument instanceof ClaimRequest request) {
      return names.test(request.queue());
    } else if (argument instanceof JobLease held) {
      return names.test(held.queue());
    } else if (argument instanceof Settlement settlement) {
      return names.test(settlement.lease().queue());
    } else if (argument instanceof Lease named) {
      return names.test(named.name());
    }
    return argument instanceof String name && names.test(name);
  }

  private void hang(Fault fault) {
    caught.incrementAndGet();
    mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
    try {
      switch (fault) {
        case NEVER -> {
          lost.incrementAndGet();
          await(closed, Duration.ofDays(1));
        }
        case LONG, LATE -> {
          await(othersAreThrough, Duration.ofDays(1));
          await(closed, lease);
        }
        case TENTH -> await(closed, lease.dividedBy(10));
        case FAIL -> {
          await(closed, longestCall);
          throw StoreException.outcomeUnknown("no answer in " + longestCall, null);
        }
        case NONE -> {}
      }
    } finally {
      underWay.decrementAndGet();
    }
    if (closed.getCount() == 0) {
      throw StoreException.outcomeUnknown("the test is over", null);
    }
  }

  /** Waits at most so long, whoever interrupts. */
  private static void await(CountDownLatch latch, Duration most) {
    long end = System.nanoTime() + most.toNanos();
    boolean interrupted = false;
    while (true) {
      try {
        boolean unused = latch.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
