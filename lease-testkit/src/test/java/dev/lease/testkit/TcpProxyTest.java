package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that answers each line with the same line, behind the proxy. */
@Timeout(60)
class TcpProxyTest {

  private final List<String> received = new CopyOnWriteArrayList<>();
  private ServerSocket echo;
  private TcpProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy = new TcpProxy("localhost", echo.getLocalPort());
    daemon(
        () -> {
          while (true) {
            Socket socket = echo.accept();
            daemon(() -> echo(socket));
          }
        });
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    echo.close();
  }

  @Test
  void bytesPassInBothDirections() throws IOException {
    try (var client = new Client();
        var other = new Client()) {
      assertThat(client.ask("a")).isEqualTo("a");
      assertThat(other.ask("b")).isEqualTo("b");
      assertThat(client.ask("c")).isEqualTo("c");
      assertThat(proxy.connections()).isEqualTo(2);
    }
  }

  @Test
  void newConnectionsAreLedToAnotherServerAndOpenOnesStay() throws IOException {
    try (var open = new Client()) {
      assertThat(open.ask("a")).isEqualTo("a");
      int nobody;
      try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        nobody = free.getLocalPort();
      }
      proxy.turnTo("localhost", nobody);
      try (var late = new Client()) {
        assertCut(late);
      }
      assertThat(open.ask("b")).isEqualTo("b");
    }
    proxy.turnTo("localhost", echo.getLocalPort());
    try (var back = new Client()) {
      assertThat(back.ask("c")).isEqualTo("c");
    }
  }

  @Test
  void muchPassesWhole() throws IOException {
    String much = "0123456789".repeat(100_000);
    try (var client = new Client()) {
      daemon(() -> client.send(much));
      assertThat(client.read(much.length() + 1)).isEqualTo(much + "\n");
    }
  }

  @Test
  void aReplyArrivesAlthoughTheServerCloses() throws IOException {
    try (var client = new Client()) {
      client.send("bye");
      assertThat(client.readLine()).isEqualTo("bye");
      assertThat(client.socket.getInputStream().read()).isEqualTo(-1);
      client.socket.shutdownOutput();
    }
    eventually(() -> proxy.connections() == 0);
  }

  @Test
  void aCutEndsWhatIsOpenAndNothingElse() throws IOException {
    try (var client = new Client()) {
      client.ask("a");
      proxy.cut();
      assertCut(client);
      try (var next = new Client()) {
        assertThat(next.ask("b")).isEqualTo("b");
      }
    }
  }

  @Test
  void aSwallowedReplyIsOfARequestThatGotThrough() throws IOException {
    try (var client = new Client();
        var other = new Client()) {
      client.ask("a");
      other.ask("b");
      proxy.swallowNextReply();
      client.send("lost");
      assertCut(client);
      assertThat(received).contains("lost");
      assertThat(other.ask("c")).isEqualTo("c");
    }
  }

  @Test
  void aLaterReplyCanBeSwallowed() throws IOException {
    try (var client = new Client()) {
      proxy.swallowReplyAfter(2);
      assertThat(client.ask("a")).isEqualTo("a");
      assertThat(client.ask("b")).isEqualTo("b");
      client.send("lost");
      assertCut(client);
      assertThat(received).containsExactly("a", "b", "lost");
    }
  }

  @Test
  void aBlackHoleAcceptsAndAnswersNothingUntilItIsHealed() throws IOException {
    try (var client = new Client()) {
      client.ask("a");
      proxy.blackHole();
      client.send("b");
      try (var next = new Client()) {
        next.send("c");
        assertSilent(client);
        assertSilent(next);
        assertThat(received).containsExactly("a");

        proxy.heal();

        assertThat(client.readLine()).isEqualTo("b");
        assertThat(next.readLine()).isEqualTo("c");
      }
    }
  }

  @Test
  void aDelayHoldsUpEachDirection() throws IOException {
    try (var client = new Client()) {
      client.ask("a");
      proxy.delay(Duration.ofMillis(30));
      long start = System.nanoTime();
      assertThat(client.ask("b")).isEqualTo("b");
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(60_000_000);
    }
  }

  @Test
  void healedItPassesOnWhatWasDelayed() throws IOException {
    try (var client = new Client()) {
      proxy.delay(Duration.ofHours(1));
      client.send("a");
      client.socket.setSoTimeout(200);
      assertThatThrownBy(client::readLine).isInstanceOf(SocketTimeoutException.class);

      proxy.heal();

      client.socket.setSoTimeout(30_000);
      assertThat(client.readLine()).isEqualTo("a");
    }
  }

  @Test
  void connectionsAreCutAtRandom() throws IOException {
    proxy.cutAtRandom(7, 0.2);
    int cuts = 0;
    for (int i = 0; i < 50; i++) {
      try (var client = new Client()) {
        assertThat(client.ask("a")).isEqualTo("a");
      } catch (SocketException | AssertionError e) {
        cuts++;
      }
    }
    assertThat(cuts).isBetween(1, 49);
    proxy.heal();
    try (var client = new Client()) {
      assertThat(client.ask("b")).isEqualTo("b");
    }
  }

  @Test
  void aServerThatIsNotThereCutsTheConnection() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    // It has a port, which another program could get otherwise, and does not listen.
    try (var deaf = new Socket()) {
      deaf.bind(new InetSocketAddress(here, 0));
      proxy.turnTo(here.getHostAddress(), deaf.getLocalPort());
      try (var client = new Client()) {
        assertCut(client);
      }
    }
  }

  @Test
  void closedItTakesNoConnectionAndHoldsNone() throws IOException {
    try (var client = new Client()) {
      client.ask("a");
      proxy.blackHole();
      client.send("b");
      proxy.close();
      proxy.close();
      assertCut(client);
      try (var late = new Client()) {
        assertCut(late); // the system may have accepted the connection while the proxy was closing
      } catch (SocketException e) {
        // The connection was refused, or reset while it was made.
      }
    }
  }

  private final class Client implements AutoCloseable {
    final Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());

    Client() throws IOException {
      socket.setSoTimeout(30_000);
    }

    String ask(String line) throws IOException {
      send(line);
      return readLine();
    }

    void send(String line) throws IOException {
      socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    String readLine() throws IOException {
      return TcpProxyTest.readLine(socket.getInputStream());
    }

    String read(int length) throws IOException {
      return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** The client reads the end of the stream or a reset, depending on what was under way. */
  private static void assertCut(Client client) throws IOException {
    try {
      assertThat(client.socket.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  private static void assertSilent(Client client) throws IOException {
    client.socket.setSoTimeout(50);
    assertThatThrownBy(() -> client.socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    client.socket.setSoTimeout(30_000);
  }

  private void echo(Socket socket) throws IOException {
    try (socket) {
      while (true) {
        String line = readLine(socket.getInputStream());
        if (line.isEmpty()) {
          return;
        }
        received.add(line);
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        if (line.equals("bye")) {
          return;
        }
      }
    }
  }

  private static String readLine(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString();
  }

  private static void eventually(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void daemon(Task task) {
    var thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // The test has closed the socket.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }
}
