package dev.lease.testkit;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Capability;
import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The calls that a test made, and their answers. */
final class CallLog {

  static final String TITLE = "What the test had done";

  private static final int KEPT = 30;
  private static final int LONGEST_LINE = 400;
  private static final int MOST_NAMED = 5;

  private final Deque<Call> last = new ArrayDeque<>();
  private int count;

  private static final class Call {
    final String receiver;
    final String method;
    final @Nullable Object[] arguments;
    volatile boolean over;
    volatile @Nullable Object answer;
    volatile @Nullable Throwable failure;

    Call(String receiver, String method, @Nullable Object... arguments) {
      this.receiver = receiver;
      this.method = method;
      this.arguments = arguments;
    }
  }

  /** Wraps a backend object so that its calls are logged under these names. */
  Backend recorded(Backend backend, String leases, String jobs, String admin) {
    BackendView recorded = BackendView.of(backend);
    Set<Capability> has = backend.capabilities();
    if (has.contains(Capability.LEASES)) {
      recorded = recorded.withLeaseStore(recorded(LeaseStore.class, leases, backend.leaseStore()));
    }
    if (has.contains(Capability.JOBS)) {
      recorded = recorded.withJobQueue(recorded(JobQueue.class, jobs, backend.jobQueue()));
    }
    if (has.contains(Capability.ADMIN)) {
      recorded = recorded.withJobAdmin(recorded(JobAdmin.class, admin, backend.jobAdmin()));
    }
    if (has.contains(Capability.KEYS)) {
      recorded =
          recorded.withAdmission(
              recorded(Admission.class, admin + ".admission()", backend.admission()));
    }
    if (has.contains(Capability.GRAPHS)) {
      recorded =
          recorded.withJobGraphs(
              recorded(JobGraphs.class, admin + ".jobGraphs()", backend.jobGraphs()));
    }
    return recorded;
  }

  private <T> T recorded(Class<T> type, String name, T store) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> invoke(name, store, method, arguments)));
  }

  private @Nullable Object invoke(
      String name, Object store, Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return answer(store, method, arguments);
    }
    @Nullable Object[] given = arguments == null ? new Object[0] : arguments;
    if (method.getReturnType() == JobAdmin.class) {
      var view = (JobAdmin) Objects.requireNonNull(answer(store, method, arguments));
      return recorded(JobAdmin.class, JavaSource.call(name, method.getName(), given), view);
    }
    Call call = add(name, method.getName(), given);
    try {
      call.answer = answer(store, method, arguments);
      return call.answer;
    } catch (Throwable e) {
      call.failure = e;
      throw e;
    } finally {
      call.over = true;
    }
  }

  private static @Nullable Object answer(
      Object store, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(store, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Logs something other than a call of a store. */
  void note(String receiver, String method, @Nullable Object... arguments) {
    add(receiver, method, arguments).over = true;
  }

  private synchronized Call add(String receiver, String method, @Nullable Object... arguments) {
    var call = new Call(receiver, method, arguments);
    last.add(call);
    count++;
    if (last.size() > KEPT) {
      last.remove();
    }
    return call;
  }

  /** All logged calls, or the last of them, as Java code. */
  @Override
  public synchronized String toString() {
    var text = new StringBuilder(TITLE);
    text.append(count > last.size() ? " (the last " + KEPT + " of " + count + " calls)" : "");
    text.append(":\n");
    Map<Object, String> names = new LinkedHashMap<>();
    for (Call call : last) {
      JavaSource code = JavaSource.brief(names);
      line(text, "", code.callText(call.receiver, call.method, call.arguments) + ";");
      Throwable failure = call.failure;
      if (failure != null) {
        line(text, "  // throws ", failure.toString());
      } else if (!call.over) {
        line(text, "  // ", "has not returned");
      } else if (call.answer != null) {
        int known = names.size();
        nameLeasesIn(call.answer, names);
        line(text, "  // ", JavaSource.brief(names).text(call.answer));
        names.entrySet().stream()
            .skip(known)
            .forEach(
                lease ->
                    line(
                        text,
                        "  // where " + lease.getValue() + " is ",
                        JavaSource.of(lease.getKey())));
      }
    }
    return text.toString();
  }

  private static void nameLeasesIn(@Nullable Object answer, Map<Object, String> names) {
    if (answer instanceof Lease || answer instanceof JobLease) {
      names.putIfAbsent(answer, "lease" + (names.size() + 1));
    } else if (answer instanceof Optional<?> optional) {
      nameLeasesIn(optional.orElse(null), names);
    } else if (answer instanceof Collection<?> several && several.size() <= MOST_NAMED) {
      several.forEach(each -> nameLeasesIn(each, names));
    } else if (answer instanceof ClaimedJob job) {
      nameLeasesIn(job.lease(), names);
    } else if (answer instanceof Job job) {
      nameLeasesIn(job.lease(), names);
    }
  }

  private static void line(StringBuilder text, String start, String rest) {
    String line = start + rest;
    text.append("  ")
        .append(
            line.length() <= LONGEST_LINE
                ? line
                : line.substring(0, LONGEST_LINE)
                    + " ... "
                    + (line.length() - LONGEST_LINE)
                    + " more characters")
        .append('\n');
  }
}
