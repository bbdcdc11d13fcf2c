package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** A client that says of itself what it likes, as a hostile one would. */
record Http(URI console) {

  record Answer(int status, Map<String, String> headers, String body) {

    /** Where a redirect leads; empty if it is none. */
    String location() {
      return headers.getOrDefault("location", "");
    }
  }

  Answer get(String path, String... headers) {
    return send("GET", path, "", headers);
  }

  Answer post(String path, Map<String, String> form, String... headers) {
    StringJoiner body = new StringJoiner("&");
    form.forEach((name, value) -> body.add(name + "=" + URLEncoder.encode(value, UTF_8)));
    return send("POST", path, body.toString(), headers);
  }

  /** Sends a request; the headers are names and values in turn, and take the place of its own. */
  Answer send(String method, String path, String body, String... headers) {
    Map<String, String> all = new HashMap<>();
    all.put("Host", console.getAuthority());
    all.put("Connection", "close");
    if (!body.isEmpty()) {
      all.put("Content-Type", "application/x-www-form-urlencoded");
      all.put("Content-Length", Integer.toString(body.getBytes(UTF_8).length));
    }
    for (int i = 0; i < headers.length; i += 2) {
      all.put(headers[i], headers[i + 1]);
    }
    StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    all.forEach((name, value) -> request.append(name + ": " + value + "\r\n"));
    try (Socket socket = new Socket(console.getHost(), console.getPort())) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(request.append("\r\n").append(body).toString().getBytes(UTF_8));
      return answer(new String(socket.getInputStream().readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(method + " " + path + " failed", e);
    }
  }

  private static Answer answer(String text) {
    String[] parts = text.split("\r\n\r\n", 2);
    List<String> lines = parts[0].lines().toList();
    Map<String, String> headers = new HashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] header = line.split(": ", 2);
      headers.put(header[0].toLowerCase(Locale.ROOT), header.length > 1 ? header[1] : "");
    }
    return new Answer(Integer.parseInt(lines.get(0).substring(9, 12)), headers, parts[1]);
  }
}
