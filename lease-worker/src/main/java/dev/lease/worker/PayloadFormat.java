package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.Limits;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the payload of a type of jobs is now, and how payloads of earlier versions become that. The
 * version of a payload is a header of its job; version 1 has none. Immutable.
 */
final class PayloadFormat<T> {

  private static final int FIRST_VERSION = 1;

  /** The type of an earlier version, and what makes the current one of it. */
  private record Upcaster<O, T>(Type type, Function<? super O, ? extends T> change) {

    @SuppressWarnings("unchecked") // As codecs promise.
    @Nullable T read(String text, PayloadCodec codec, CodecContext context) {
      O old = (O) codec.read(text, type, context);
      return old == null ? null : change.apply(old);
    }
  }

  private final Type type;
  private final int version;
  private final Map<Integer, Upcaster<?, T>> upcasters;

  private PayloadFormat(Type type, int version, Map<Integer, Upcaster<?, T>> upcasters) {
    this.type = type;
    this.version = Limits.between("version", version, FIRST_VERSION, Integer.MAX_VALUE);
    this.upcasters = upcasters;
    for (int from : upcasters.keySet()) {
      if (from >= version) {
        throw new IllegalArgumentException(
            "an upcaster must be from a version below %d, the current one, was from %d"
                .formatted(version, from));
      }
    }
  }

  /** The codec of whoever names none. */
  static PayloadCodec defaultCodec() {
    try {
      return JacksonCodec.DEFAULT;
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "Lease needs Jackson 3, whatever the codec, and lacks a class of it: add"
              + " tools.jackson.core:jackson-databind, with what it depends on, to the class path",
          e);
    }
  }

  static <T> PayloadFormat<T> of(Type type) {
    return new PayloadFormat<>(Limits.notNull("payloadType", type), FIRST_VERSION, Map.of());
  }

  PayloadFormat<T> withVersion(int version) {
    return new PayloadFormat<>(type, version, upcasters);
  }

  <O> PayloadFormat<T> withUpcaster(
      int fromVersion, Type oldType, Function<? super O, ? extends T> change) {
    Limits.between("fromVersion", fromVersion, FIRST_VERSION, Integer.MAX_VALUE);
    Map<Integer, Upcaster<?, T>> more = new TreeMap<>(upcasters);
    if (more.put(fromVersion, new Upcaster<O, T>(oldType, Limits.notNull("upcaster", change)))
        != null) {
      throw new IllegalArgumentException("there are two upcasters from version " + fromVersion);
    }
    return new PayloadFormat<>(type, version, more);
  }

  Type type() {
    return type;
  }

  int version() {
    return version;
  }

  /** The headers of a job whose payload is of the current version. */
  Map<String, String> headers() {
    return version == FIRST_VERSION
        ? Map.of()
        : Map.of(OwnHeaders.PAYLOAD_VERSION, Integer.toString(version));
  }

  T read(ClaimedJob job, PayloadCodec codec, CodecContext ofJob) throws UnreadablePayloadException {
    try {
      return read(job.payload(), codec, ofJob);
    } catch (Throwable e) {
      // Errors too: a payload may be larger or deeper than the memory of this worker.
      throw new UnreadablePayloadException(e);
    }
  }

  /** Reads the payload; throws a RuntimeException if it cannot. */
  T read(Job job, PayloadCodec codec) {
    return read(job.payload(), codec, context(job));
  }

  private T read(String text, PayloadCodec codec, CodecContext context) {
    T payload = readNullable(text, codec, context);
    if (payload == null) {
      throw new IllegalArgumentException("the payload is null");
    }
    return payload;
  }

  @SuppressWarnings("unchecked") // As codecs promise.
  private @Nullable T readNullable(String text, PayloadCodec codec, CodecContext context) {
    String header = context.headers().get(OwnHeaders.PAYLOAD_VERSION);
    int from = header == null ? FIRST_VERSION : Integer.parseInt(header);
    if (from == version) {
      return (T) codec.read(text, type, context);
    }
    Upcaster<?, T> upcaster = upcasters.get(from);
    if (upcaster == null) {
      throw new IllegalArgumentException(
          "the payload has version %d; this worker reads version %d, and has upcasters from %s"
              .formatted(from, version, upcasters.keySet()));
    }
    return upcaster.read(text, codec, context);
  }

  /**
   * As what a result or the value of a step is written: a class as that of the value, which may
   * have more than the class with which it is read. The class of a list says nothing of what is in
   * the list.
   */
  static Type typeToWrite(Type type, @Nullable Object value) {
    return type instanceof Class && value != null ? value.getClass() : type;
  }

  /** Reads the result of a job; empty if it has none, or null. */
  @SuppressWarnings("unchecked") // As codecs promise.
  static <R> Optional<R> result(Job job, Type type, PayloadCodec codec) {
    CodecContext context = context(job).ofResult();
    return Optional.ofNullable(job.result())
        .flatMap(text -> Optional.ofNullable((R) codec.read(text, type, context)));
  }

  /** What the texts of a job belong to. */
  static CodecContext context(ClaimedJob job) {
    return CodecContext.of(job.lease().queue(), job.type(), job.lease().jobId(), job.headers());
  }

  /** What the texts of a job belong to. */
  static CodecContext context(Job job) {
    return CodecContext.of(job.queue(), job.type(), job.id(), job.headers());
  }
}
