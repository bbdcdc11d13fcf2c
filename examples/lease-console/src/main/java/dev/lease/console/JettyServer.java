package dev.lease.console;

import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A server for the console alone, of a size that cannot hurt its machine. */
final class JettyServer implements AutoCloseable {

  private static final int THREADS = 16;
  private static final int CONNECTIONS = 200;
  private static final int HEADER_BYTES = 8 * 1024;
  private static final int IDLE_MILLIS = 30_000;

  private final Server server;
  private final ServerConnector connector;

  private JettyServer(Server server, ServerConnector connector) {
    this.server = server;
    this.connector = connector;
  }

  /**
   * Starts a server.
   *
   * @throws UncheckedIOException if the address is taken, or is not one of this machine
   */
  static JettyServer start(String bind, int port, HttpServlet servlet) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2, IDLE_MILLIS);
    threads.setName("lease-console");
    threads.setDaemon(true);
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(bind);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_MILLIS);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(CONNECTIONS, connector));
    ErrorHandler errors =
        new ErrorHandler() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            Gate.HEADERS.forEach(response.getHeaders()::put);
            return super.handle(request, response, callback);
          }
        };
    errors.setCacheControl("no-store");
    server.setErrorHandler(errors);
    ServletContextHandler context = new ServletContextHandler("/");
    context.setMaxFormContentSize(Gate.MOST_BYTES);
    context.addServlet(new ServletHolder(servlet), "/*");
    server.setHandler(context);
    JettyServer started = new JettyServer(server, connector);
    try {
      server.start();
    } catch (IOException e) {
      started.close();
      throw new UncheckedIOException(
          "cannot listen on %s, port %d: %s".formatted(bind, port, e.getMessage()), e);
    } catch (Exception e) {
      started.close();
      throw new IllegalStateException("the console cannot start", e);
    }
    return started;
  }

  int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the console cannot stop", e);
    }
  }
}
