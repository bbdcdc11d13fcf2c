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
 * A faulty network between a client and a server. The proxy listens on a port of this host and
 * passes on bytes, whatever they mean, until a test says otherwise. Let the client connect to its
 * {@link #port}.
 *
 * <p>Safe for use by many threads, and for many connections. A setting holds for open and for
 * future connections, until {@link #heal}. Closing the proxy cuts all connections.
 */
public final class TcpProxy implements AutoCloseable {

  /** No reply will be swallowed. */
  private static final int NONE = -1;

  private static final int BUFFER_BYTES = 16 * 1_024;
  private static final int CONNECT_MILLIS = 10_000;

  private final ServerSocket listener;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();

  // Guarded by this.
  private InetSocketAddress server;
  private boolean silent;
  private int held;
  private int repliesBeforeSwallowed = NONE;
  private Duration delay = Duration.ZERO;
  private double cutShare;
  private Random random = new Random();
  private boolean closed;

  /**
   * Makes a proxy that listens on a free port of the loopback address.
   *
   * @param host the server's host
   * @param port the server's port
   */
  public TcpProxy(String host, int port) {
    this.server = new InetSocketAddress(Limits.notNull("host", host), port);
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("the proxy cannot listen on a port", e);
    }
    start("accept", this::accept);
  }

  /**
   * The port on which the proxy listens, at {@code localhost}.
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
   * Delays everything that goes through, in each direction.
   *
   * @param delay how long each piece of data waits
   */
  public synchronized void delay(Duration delay) {
    this.delay = Limits.notNull("delay", delay);
  }

  /**
   * Turns to another server, as an address does after a switchover. New connections go there; those
   * that are open stay where they are.
   *
   * @param host the other server's host
   * @param port the other server's port
   */
  public synchronized void turnTo(String host, int port) {
    server = new InetSocketAddress(Limits.notNull("host", host), port);
  }

  /** Cuts all open connections at once. Clients can connect again. */
  public void cut() {
    links.forEach(Link::cut);
  }

  /**
   * Cuts connections at random, each time before a piece of data is passed on, in either direction.
   *
   * @param seed repeats the same choices if the data come in the same order
   * @param share the share of pieces at which their connection is cut, 0 to 1
   */
  public synchronized void cutAtRandom(long seed, double share) {
    random = new Random(seed);
    cutShare = share;
  }

  /**
   * Swallows the next reply of any connection, once. The client's request gets through, the
   * server's reply does not, and then the connection is cut. So the client cannot know whether its
   * request was done.
   */
  public void swallowNextReply() {
    swallowReplyAfter(0);
  }

  /**
   * Swallows a later reply as {@link #swallowNextReply} does, such as the reply to the COMMIT of a
   * transaction. A reply here is a piece of data that arrives at once, on any connection; a long
   * reply may arrive in several pieces.
   *
   * @param replies how many replies are passed on first
   */
  public synchronized void swallowReplyAfter(int replies) {
    repliesBeforeSwallowed = replies;
  }

  /** Whether the last request to swallow a reply has been carried out. */
  synchronized boolean hasSwallowed() {
    return repliesBeforeSwallowed == NONE;
  }

  /** Whether data or a connection waits because the proxy is silent. */
  synchronized boolean holdsSomething() {
    return held > 0;
  }

  /**
   * Turns the proxy into a black hole: it accepts connections and keeps them open, but passes on
   * nothing in either direction. After {@link #heal} it passes on what was sent meanwhile.
   */
  public synchronized void blackHole() {
    silent = true;
  }

  /** Passes on everything again, without delay. Connections that were cut stay cut. */
  public synchronized void heal() {
    silent = false;
    repliesBeforeSwallowed = NONE;
    delay = Duration.ZERO;
    cutShare = 0;
    notifyAll();
  }

  /** Stops listening and cuts all connections. Harmless if called twice. */
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
        // The proxy was closed.
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
      link.server.connect(server(), CONNECT_MILLIS);
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

  private synchronized InetSocketAddress server() {
    return server;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Waits while the proxy is silent. */
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

  /** Whether a piece of data is passed on; if not, its connection is cut. */
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

  /** Waits for the delay, or until the proxy is healed or closed. */
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
      // Nobody uses it any more, closed or not.
    }
  }

  /** A client's connection, and the matching one to the server. */
  private final class Link {
    final Socket client;
    final Socket server;

    /** How many of the two directions have reached the end of their stream. */
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

    /** Closes both connections at once, with a reset instead of an orderly end. */
    void cut() {
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.setSoLinger(true, 0);
        } catch (IOException e) {
          // It is already closed.
        }
      }
      close();
    }
  }
}
