package dev.lease.examples.mutants;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.TreeSet;

/** Listens to what the scripts with probes say, see {@link Blocks}, until the process ends. */
final class RedisProbes implements Probes {

  private final Socket socket;
  private final BufferedReader in;

  RedisProbes(URI server) throws IOException {
    socket = new Socket(server.getHost(), server.getPort());
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
    send("SUBSCRIBE " + Blocks.CHANNEL);
  }

  private void send(String command) throws IOException {
    socket.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
  }

  @Override
  public Set<String> reached() throws IOException {
    send("PING");
    Set<String> reached = new TreeSet<>();
    for (String line = in.readLine(); !"pong".equals(line); line = in.readLine()) {
      if (line == null) {
        throw new EOFException("the server has ended");
      }
      if (line.matches(".*\\.lua \\d+")) {
        reached.add(line);
      }
    }
    return reached;
  }
}
