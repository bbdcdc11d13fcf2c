package dev.lease.worker;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An exception and its causes. */
final class CauseChain {

  /** A bound, since the causes may form a circle. */
  private static final int MOST = 50;

  private CauseChain() {}

  /** The outermost of the exception and its causes that is of this type. */
  static <X> Optional<X> find(Throwable failure, Class<X> type) {
    return of(failure).filter(type::isInstance).findFirst().map(type::cast);
  }

  /** The exception, its cause, and so on. */
  static Stream<Throwable> of(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, CauseChain::causeOf).limit(MOST);
  }

  /** Null if there is none, or it does not say. */
  private static @Nullable Throwable causeOf(Throwable failure) {
    try {
      return failure.getCause();
    } catch (Throwable e) {
      return null;
    }
  }
}
