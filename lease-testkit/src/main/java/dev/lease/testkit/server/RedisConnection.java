package dev.lease.testkit.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a Redis server on this host, for the few commands that a test server needs.
 * Strings stand for bytes: each character is one byte.
 */
final class RedisConnection implements Closeable {

  private static final int MILLIS = 60_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  RedisConnection(int port) throws IOException {
    try {
      socket.setSoTimeout(MILLIS);
      socket.connect(new InetSocketAddress(host(), port), MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** The IPv4 address, since the loopback address of the JVM may be an IPv6 one. */
  static InetAddress host() throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }

  /** The server answered with an error. */
  static final class Refusal extends IOException {

    private static final long serialVersionUID = 1;

    Refusal(String message) {
      super(message);
    }
  }

  /**
   * @return a String, a Long, a List of these, or null
   * @throws Refusal if the answer is an error
   */
  @Nullable Object call(String... words) throws IOException {
    return call(List.of(words));
  }

  @Nullable Object call(List<String> words) throws IOException {
    var request = new StringBuilder("*" + words.size() + "\r\n");
    words.forEach(
        word -> request.append('$').append(word.length()).append("\r\n").append(word + "\r\n"));
    socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    return answer();
  }

  private @Nullable Object answer() throws IOException {
    String line = line();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest;
      case '-' -> throw new Refusal(rest);
      case ':' -> Long.valueOf(rest);
      case '$' -> bulk(Integer.parseInt(rest));
      case '*' -> list(Integer.parseInt(rest));
      default -> throw new IOException("unexpected answer of the Redis server: " + line);
    };
  }

  private @Nullable String bulk(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] bytes = in.readNBytes(length);
    line();
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private @Nullable List<@Nullable Object> list(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    List<@Nullable Object> answers = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      answers.add(answer());
    }
    return answers;
  }

  private String line() throws IOException {
    var line = new ByteArrayOutputStream();
    int next;
    while ((next = in.read()) != '\r') {
      if (next < 0) {
        throw new EOFException("the Redis server closed the connection");
      }
      line.write(next);
    }
    in.read(); // \n
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
