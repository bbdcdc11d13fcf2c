package dev.lease.worker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An exception and its causes. */
final class CauseChain {

  /** A bound, since the causes may form a circle. */
  private static final int MOST = 50;

  private CauseChain() {}

  /** Whether the exception, or one of its causes, is of one of these types. */
  static boolean contains(Throwable failure, List<Class<?>> types) {
    @Nullable Throwable cause = failure;
    for (int i = 0; i < MOST && cause != null; i++) {
      Throwable one = cause;
      if (types.stream().anyMatch(type -> type.isInstance(one))) {
        return true;
      }
      cause = one.getCause();
    }
    return false;
  }
}
