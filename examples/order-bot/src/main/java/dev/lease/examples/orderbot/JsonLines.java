package dev.lease.examples.orderbot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An append-only file of JSON values, one a line. A line is one write to the operating system, so
 * it stays even if the process is killed right after.
 */
final class JsonLines<T> implements AutoCloseable {

  private final FileChannel file;

  JsonLines(Path path) {
    try {
      file = FileChannel.open(path, CREATE, APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path, e);
    }
  }

  synchronized void append(T value) {
    ByteBuffer line =
        ByteBuffer.wrap((Json.MAPPER.writeValueAsString(value) + "\n").getBytes(UTF_8));
    try {
      while (line.hasRemaining()) {
        file.write(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads all complete lines. */
  static <T> List<T> read(Path path, Class<T> type) {
    try {
      String text = Files.exists(path) ? Files.readString(path) : "";
      return text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .map(line -> Json.MAPPER.readValue(line, type))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
