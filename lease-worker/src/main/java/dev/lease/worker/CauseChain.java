package dev.lease.worker;

import dev.lease.Limits;
import java.util.Optional;

/** An exception and its causes. */
final class CauseChain {

  private CauseChain() {}

  /** The outermost of the exception and its causes that is of this type. */
  static <X> Optional<X> find(Throwable failure, Class<X> type) {
    return Limits.causes(failure).filter(type::isInstance).findFirst().map(type::cast);
  }
}
