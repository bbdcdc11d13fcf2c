package dev.lease.testkit;

import dev.lease.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bad network between a client and a server, on a port of this host: it passes bytes on until a
 * test says otherwise, and knows nothing of what they mean. Put its {@link #port} into the client's
 * address.
 *
 * <p>Safe for use by many threads, and for many connections. What is said holds for connections
 * that are open and for those to come, until {@link #heal}. Closing it cuts all of them.
 */
public final class TcpProxy implements AutoCloseable {

  /** No reply is to be swallowed. */
  private static final int NONE = -1;

  private static final int BUFFER_BYTES = 16 * 1_024;
  private static final int CONNECT_MILLIS = 10_000;

  private final ServerSocket listener;
  private final InetSocketAddress server;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();

  // Guarded by this.
  private boolean silent;
  private int held;
  private int repliesBeforeSwallowed = NONE;
  private Duration delay = Duration.ZERO;
  private double cutShare;
  private Random random = new Random();
  private boolean closed;

  /**
   * Begins to listen on a free port of the loopback address.
   *
   * @param host the server's host
   * @param port the server's port
   */
  public TcpProxy(String host, int port) {
    this.server = new InetSocketAddress(Limits.notNull("host", host), port);
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("the proxy cannot listen", e);
    }
    start("accept", this::accept);
  }

  /**
   * The port that it listens on, at {@code localhost}.
   *
   * @return the port
   */
  public int port() {
    return listener.getLocalPort();
  }

  /**
   * How many connections are open.
   *
   * @return the number of clients that are connected to the server
   */
  public int connections() {
    return links.size();
  }

  /**
   * Holds up what goes through, in each direction.
   *
   * @param delay how long each piece waits
   */
  public synchronized void delay(Duration delay) {
    this.delay = Limits.notNull("delay", delay);
  }

  /** Cuts all connections that are open, at once; new ones can be made. */
  public void cut() {
    links.forEach(Link::cut);
  }

  /**
   * Cuts connections at random: before a piece of data is passed on, in either direction.
   *
   * @param seed makes the same choices again, where the data come in the same order
   * @param share how many of the pieces cut their connection, 0 to 1
   */
  public synchronized void cutAtRandom(long seed, double share) {
    random = new Random(seed);
    cutShare = share;
  }

  /**
   * Swallows the next reply: what the client sends gets through, what the server answers does not,
   * and then the connection is cut. The client cannot know whether its request was done. Once, on
   * the connection that is answered first.
   */
  public void swallowNextReply() {
    swallowReplyAfter(0);
  }

  /**
   * Swallows a reply that is still to come, such as that to the COMMIT of a transaction, as {@link
   * #swallowNextReply} does. A reply is what arrives at once, of any connection; a long one may
   * arrive in several pieces.
   *
   * @param replies how many are passed on before
   */
  public synchronized void swallowReplyAfter(int replies) {
    repliesBeforeSwallowed = replies;
  }

  /** Whether it has swallowed the reply that it was to swallow last. */
  synchronized boolean hasSwallowed() {
    return repliesBeforeSwallowed == NONE;
  }

  /** Whether something has arrived that is not passed on while it is silent. */
  synchronized boolean holdsSomething() {
    return held > 0;
  }

  /**
   * Becomes a black hole: connections are accepted and stay open, but nothing is passed on in
   * either direction. What was sent meanwhile goes on when it is healed.
   */
  public synchronized void blackHole() {
    silent = true;
  }

  /** Passes on everything again, at once. Connections that were cut stay so. */
  public synchronized void heal() {
    silent = false;
    repliesBeforeSwallowed = NONE;
    delay = Duration.ZERO;
    cutShare = 0;
    notifyAll();
  }

  /** Stops to listen, and cuts all connections. Harmless when done twice. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    closeQuietly(listener);
    cut();
  }

  private void accept() {
    while (true) {
      Socket client;
      try {
        client = listener.accept();
      } catch (IOException e) {
        // It was closed.
        return;
      }
      start("connect", () -> connect(client));
    }
  }

  private void connect(Socket client) {
    var link = new Link(client, new Socket());
    links.add(link);
    try {
      awaitTurn();
      link.server.connect(server, CONNECT_MILLIS);
      link.client.setTcpNoDelay(true);
      link.server.setTcpNoDelay(true);
    } catch (IOException e) {
      link.cut();
      return;
    }
    if (isClosed()) {
      link.cut();
    }
    start("requests", () -> link.pump(link.client, link.server, false));
    start("replies", () -> link.pump(link.server, link.client, true));
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Waits while nothing is to be passed on. */
  private synchronized void awaitTurn() throws IOException {
    try {
      while (silent && !closed) {
        held++;
        try {
          wait();
        } finally {
          held--;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Whether a piece of data goes on; else its connection is cut. */
  private synchronized boolean passes(boolean reply) {
    if (reply && repliesBeforeSwallowed != NONE) {
      boolean swallowed = repliesBeforeSwallowed == 0;
      repliesBeforeSwallowed--;
      if (swallowed) {
        return false;
      }
    }
    return !closed && !(cutShare > 0 && random.nextDouble() < cutShare);
  }

  /** Waits as long as is said, but no longer than until it is healed or closed. */
  private synchronized void awaitDelay() throws InterruptedException {
    long end = System.nanoTime() + delay.toNanos();
    while (!closed && !delay.isZero() && end - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
    }
  }

  private static void start(String role, Runnable task) {
    var thread = new Thread(task, "lease-test-proxy-" + role);
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      // It is of no use any more, closed or not.
    }
  }

  /** A connection of a client, and that to the server. */
  private final class Link {
    final Socket client;
    final Socket server;

    /** How many of the two directions have come to their end. */
    private final AtomicInteger ended = new AtomicInteger();

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void pump(Socket from, Socket to, boolean replies) {
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          awaitDelay();
          awaitTurn();
          if (!passes(replies)) {
            cut();
            return;
          }
          out.write(buffer, 0, read);
        }
        awaitTurn();
        to.shutdownOutput();
        if (ended.incrementAndGet() == 2) {
          close();
        }
      } catch (IOException e) {
        cut();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        cut();
      }
    }

    private void close() {
      closeQuietly(client);
      closeQuietly(server);
      links.remove(this);
    }

    /** At once, without the good-bye that a program says when it closes a connection. */
    void cut() {
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.setSoLinger(true, 0);
        } catch (IOException e) {
          // It is closed already.
        }
      }
      close();
    }
  }
}
