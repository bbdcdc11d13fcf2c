package dev.lease.testkit;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Claim;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Operator;
import dev.lease.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The reference store behind a socket, with clients that may handle failures wrongly. Only the
 * number of a call goes over the network, and comes back once the call was made. The call itself
 * and its answer stay here.
 */
final class RemoteStore implements NetworkFixture {

  /** What a client does wrong if an answer does not arrive. */
  enum Flaw {
    NONE,
    /** Sends the call once more, and the server knows that it has done it already. */
    SENDS_AGAIN_TO_A_SERVER_THAT_KNOWS,
    SENDS_AGAIN,
    SAYS_NOT_DONE,
    SAYS_NOTHING_THERE,
    WAITS_FOR_EVER,
    /** Its calls last longer than it says, and an extension as long as any call. */
    LASTS_TOO_LONG,
    STAYS_BROKEN,
    SAYS_UNKNOWN_WHERE_NOT_OPENED,
    GOES_ON_WHEN_CLOSED
  }

  /** A call may have to connect, to wait for the server's welcome, and for its answer. */
  private static final int TRIPS = 3;

  private final Flaw flaw;
  private final InMemoryBackend data = new InMemoryBackend(InstantSource.system());
  private final Map<String, Callable<@Nullable Object>> calls = new ConcurrentHashMap<>();
  private final Map<String, Object> answers = new ConcurrentHashMap<>();
  private final AtomicInteger lastCall = new AtomicInteger();
  private final ServerSocket listener;

  RemoteStore(Flaw flaw) {
    this.flaw = flaw;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    NetworkContract.start("server", this::accept);
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listener.accept();
        NetworkContract.start("server", () -> serve(client));
      } catch (IOException e) {
        // The server was closed.
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      send(client, "welcome");
      BufferedReader in = reader(client);
      for (String number = in.readLine(); number != null; number = in.readLine()) {
        if (flaw == Flaw.SENDS_AGAIN) {
          answers.put(number, answer(number));
        } else {
          answers.computeIfAbsent(number, this::answer);
        }
        send(client, number);
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }

  private Object answer(String number) {
    try {
      return Optional.ofNullable(Objects.requireNonNull(calls.get(number)).call());
    } catch (Exception e) {
      return e;
    }
  }

  private static void send(Socket socket, String line) throws IOException {
    socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Nobody uses it any more, closed or not.
    }
  }

  @Override
  public InetSocketAddress server() {
    return new InetSocketAddress("localhost", listener.getLocalPort());
  }

  @Override
  public Backend open() {
    return data.again();
  }

  @Override
  public Backend open(InetSocketAddress address, Duration callTimeout) {
    var client = new Client(address, Math.toIntExact(callTimeout.toMillis()));
    InMemoryBackend backend = data.again();
    Duration longest =
        flaw == Flaw.LASTS_TOO_LONG ? callTimeout.dividedBy(10) : callTimeout.multipliedBy(TRIPS);
    return new Backend() {
      @Override
      public Set<Capability> capabilities() {
        return backend.capabilities();
      }

      @Override
      public LeaseStore leaseStore() {
        return client.remote(LeaseStore.class, backend.leaseStore());
      }

      @Override
      public JobQueue jobQueue() {
        return client.remote(JobQueue.class, backend.jobQueue());
      }

      @Override
      public JobAdmin jobAdmin() {
        return client.remote(JobAdmin.class, backend.jobAdmin());
      }

      @Override
      public Admission admission() {
        return client.remote(Admission.class, backend.admission());
      }

      @Override
      public JobGraphs jobGraphs() {
        return client.remote(JobGraphs.class, backend.jobGraphs());
      }

      @Override
      public Duration longestCall() {
        return longest;
      }

      @Override
      public void close() {
        client.close();
      }
    };
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  /** One backend object with one connection, which one call uses at a time. */
  private final class Client {
    private final InetSocketAddress server;
    private final int timeoutMillis;
    private @Nullable Socket socket;
    private boolean broken;
    private boolean closed;

    Client(InetSocketAddress server, int timeoutMillis) {
      this.server = server;
      this.timeoutMillis = timeoutMillis;
      connected(flaw == Flaw.WAITS_FOR_EVER ? 0 : timeoutMillis);
    }

    <T> T remote(Class<T> type, T store) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) ->
                  store instanceof JobAdmin admin && method.getName().equals("by")
                      ? remote(JobAdmin.class, admin.by((Operator) arguments[0]))
                      : call(store, method, arguments)));
    }

    private synchronized @Nullable Object call(
        Object store, Method method, @Nullable Object @Nullable [] arguments) throws Exception {
      if (closed && flaw != Flaw.GOES_ON_WHEN_CLOSED) {
        throw new IllegalStateException("closed");
      }
      String number = "" + lastCall.incrementAndGet();
      calls.put(number, () -> invoke(store, method, arguments));
      int limit = limit(method, arguments);
      Socket current = connected(limit);
      try {
        current.setSoTimeout(limit);
        return ask(current, number);
      } catch (IOException e) {
        drop();
        return failed(e, method, number, limit);
      }
    }

    /** The milliseconds that a trip may take, or 0 if it may last for ever. */
    private int limit(Method method, @Nullable Object @Nullable [] arguments) {
      if (flaw == Flaw.WAITS_FOR_EVER) {
        return 0;
      }
      boolean keeps = method.getName().equals("extend") || method.getName().equals("renew");
      return keeps
              && flaw != Flaw.LASTS_TOO_LONG
              && arguments != null
              && arguments[1] instanceof Duration lease
          ? (int) Math.min(timeoutMillis, lease.dividedBy(3L * TRIPS).toMillis())
          : timeoutMillis;
    }

    private @Nullable Object invoke(
        Object store, Method method, @Nullable Object @Nullable [] arguments) throws Exception {
      try {
        return method.invoke(store, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause() instanceof Exception cause ? cause : e;
      }
    }

    private @Nullable Object ask(Socket current, String number) throws Exception {
      send(current, number);
      if (!number.equals(reader(current).readLine())) {
        throw new IOException("cut");
      }
      Object answer = answers.get(number);
      if (answer instanceof Exception failure) {
        throw failure;
      }
      return ((Optional<?>) Objects.requireNonNull(answer)).orElse(null);
    }

    private @Nullable Object failed(IOException e, Method method, String number, int limit)
        throws Exception {
      if (flaw == Flaw.SENDS_AGAIN || flaw == Flaw.SENDS_AGAIN_TO_A_SERVER_THAT_KNOWS) {
        Socket next = connected(limit);
        try {
          return ask(next, number);
        } catch (IOException again) {
          drop();
        }
      } else if (flaw == Flaw.SAYS_NOTHING_THERE && method.getReturnType() == Optional.class) {
        return Optional.empty();
      } else if (flaw == Flaw.SAYS_NOTHING_THERE && method.getName().equals("claim")) {
        return Claim.empty();
      } else if (flaw == Flaw.SAYS_NOT_DONE) {
        throw StoreException.notDone("no answer", e);
      }
      throw StoreException.outcomeUnknown("no answer", e);
    }

    private Socket connected(int limit) {
      Socket current = socket;
      if (current != null) {
        return current;
      }
      var next = new Socket();
      try {
        if (broken && flaw == Flaw.STAYS_BROKEN) {
          throw new IOException("not tried again");
        }
        next.connect(server, timeoutMillis);
        next.setTcpNoDelay(true);
        next.setSoTimeout(limit);
        if (reader(next).readLine() == null) {
          throw new IOException("cut");
        }
        socket = next;
        return next;
      } catch (IOException e) {
        closeQuietly(next);
        throw flaw == Flaw.SAYS_UNKNOWN_WHERE_NOT_OPENED
            ? StoreException.outcomeUnknown("no connection", e)
            : StoreException.notDone("no connection", e);
      }
    }

    private void drop() {
      if (socket != null) {
        closeQuietly(socket);
        socket = null;
        broken = true;
      }
    }

    synchronized void close() {
      closed = true;
      drop();
    }
  }
}
