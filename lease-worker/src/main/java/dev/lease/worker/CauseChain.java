package dev.lease.worker;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An exception and its causes. */
final class CauseChain {

  /** A bound, since the causes may form a circle. */
  private static final int MOST = 50;

  private CauseChain() {}

  /** The outermost of the exception and its causes that is of this type. */
  static <X> Optional<X> find(Throwable failure, Class<X> type) {
    @Nullable Throwable cause = failure;
    for (int i = 0; i < MOST && cause != null; i++) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
      cause = causeOf(cause);
    }
    return Optional.empty();
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
