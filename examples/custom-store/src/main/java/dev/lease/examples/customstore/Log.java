package dev.lease.examples.customstore;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonCreator;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.Progress;
import dev.lease.StoreClosedException;
import dev.lease.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonPOJOBuilder;
import tools.jackson.databind.json.JsonMapper;

/** A file that processes append to. A line is JSON, with everything that one operation changed. */
final class Log {

  static final JsonMapper JSON =
      JsonMapper.builder()
          .changeDefaultVisibility(any -> any.withFieldVisibility(Visibility.ANY))
          .addMixIn(Job.class, JsonJob.class)
          .addMixIn(Job.Builder.class, JsonBuilder.class)
          .addMixIn(JobLease.class, JsonLease.class)
          .addMixIn(Progress.class, JsonProgress.class)
          .addMixIn(FailedAttempt.class, JsonAttempt.class)
          .addMixIn(FailedAttempt.Builder.class, JsonBuilder.class)
          .build();

  @JsonDeserialize(builder = Job.Builder.class)
  private interface JsonJob {}

  @JsonPOJOBuilder(withPrefix = "")
  @SuppressWarnings("UnusedVariable") // Jackson reads the names of the parameters.
  private abstract static class JsonBuilder {
    @JsonCreator
    JsonBuilder(String queue, String id, String type, String payload) {}

    @JsonCreator
    JsonBuilder(int attempt, String owner, long token, Instant at) {}
  }

  @JsonDeserialize(builder = FailedAttempt.Builder.class)
  private interface JsonAttempt {}

  private interface JsonLease {
    @JsonCreator
    static JobLease of(String queue, String jobId, String owner, long token, Instant expiresAt) {
      return JobLease.of(queue, jobId, owner, token, expiresAt);
    }
  }

  private interface JsonProgress {
    @JsonCreator
    static Progress of(int percent, String message) {
      return Progress.of(percent, message);
    }
  }

  /** A file lock keeps out other processes, but not other threads of this process. */
  private static final Map<Path, Object> MONITORS = new ConcurrentHashMap<>();

  /** By queue. They are for what is done through this object; nobody watches the file [Q55]. */
  final Map<String, List<Runnable>> hints = new ConcurrentHashMap<>();

  private final Path path;
  private final InstantSource clock;
  private Data data = new Data();
  private long position;
  private volatile boolean closed;

  Log(Path file, InstantSource clock) {
    this.path = file.toAbsolutePath().normalize();
    this.clock = clock;
  }

  /** Runs an operation. No other thread and no other process runs one at the same time. */
  <T> T run(Function<Data, T> operation) {
    synchronized (MONITORS.computeIfAbsent(path, any -> new Object())) {
      if (closed) {
        throw new StoreClosedException();
      }
      boolean read = false;
      boolean done = false;
      boolean interrupted = Thread.interrupted(); // an interrupt would close the channel [L24]
      // Each operation has a channel of its own: an interrupt during the operation closes it.
      try (FileChannel file = FileChannel.open(path, CREATE, READ, WRITE)) {
        file.lock();
        readOn(file);
        read = true;
        data.begin(clock.instant());
        T answer = operation.apply(data);
        append(file, data.added);
        done = true;
        data.withWork.forEach(it -> hints.getOrDefault(it, List.of()).forEach(Runnable::run));
        return answer;
      } catch (IOException | JacksonException e) {
        throw read
            ? StoreException.outcomeUnknown("could not write to " + path, e)
            : StoreException.notDone("could not read " + path, e);
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        if (!done) { // data may be ahead of the log: read the log again
          data = new Data();
          position = 0;
        }
      }
    }
  }

  /** Reads the lines that others have appended, and cuts off a line that is not complete. */
  private void readOn(FileChannel file) throws IOException {
    byte[] news = Channels.newInputStream(file.position(position)).readAllBytes();
    int whole = new String(news, ISO_8859_1).lastIndexOf('\n') + 1;
    new String(news, 0, whole, UTF_8)
        .lines()
        .forEach(line -> data.replay(JSON.readValue(line, Data.Line.class)));
    position += whole;
    file.truncate(position);
  }

  private void append(FileChannel file, Data.Line line) throws IOException {
    if (line.leases().isEmpty() && line.jobs().isEmpty() && line.paused().isEmpty()) {
      return;
    }
    ByteBuffer bytes = UTF_8.encode(JSON.writeValueAsString(line) + "\n");
    file.position(position);
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
    file.force(false); // before the caller gets the answer
    position = file.position();
  }

  void close() {
    closed = true;
  }
}
