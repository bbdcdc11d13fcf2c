package dev.lease.worker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A failure and what caused it. */
final class CauseChain {

  /** Causes may go round in a circle. */
  private static final int MOST = 50;

  private CauseChain() {}

  /** Whether it, or one of its causes, is of one of these types. */
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
