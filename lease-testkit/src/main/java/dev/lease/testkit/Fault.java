package dev.lease.testkit;

import dev.lease.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong with one call of a store that {@link Faults} wrap. A test can write its own, such
 * as one that waits for a latch before or after the call.
 */
@FunctionalInterface
public interface Fault {

  /** Nothing goes wrong: the call is made, and the caller gets its answer. */
  Fault NONE = Call::make;

  /**
   * The call is made twice, and the caller gets the second answer, as from a driver that repeats a
   * request after its connection broke. Acquire, claim and settleAndClaim are still made only once:
   * a store cannot tell a repeated claim from a new one, and nobody would know of the jobs that the
   * first one took, so no driver may repeat them (policy 6). If the second call fails, the outcome
   * is unknown.
   */
  Fault RESEND =
      call -> {
        if (!call.isRepeatable()) {
          return call.make();
        }
        call.make();
        try {
          return call.make();
        } catch (StoreException e) {
          throw StoreException.outcomeUnknown(e.getMessage() + ", when it was sent again", e);
        }
      };

  /** The call is made, but its answer is lost: the caller learns that the outcome is unknown. */
  Fault LOST_REPLY =
      call -> {
        call.make();
        throw StoreException.outcomeUnknown("the reply to " + call.method() + " was lost", null);
      };

  /** The call is not made, and the caller learns that nothing was done. */
  Fault NOT_DONE =
      call -> {
        throw StoreException.notDone(call.method() + " did not reach the store", null);
      };

  /**
   * The call is made late.
   *
   * @param delay how much later
   * @return the fault
   */
  static Fault delayBefore(Duration delay) {
    return call -> {
      pause(delay);
      return call.make();
    };
  }

  /**
   * The call is made at once, and the caller gets its answer late.
   *
   * @param delay how much later
   * @return the fault
   */
  static Fault delayAfter(Duration delay) {
    return call -> {
      Object answer = call.make();
      pause(delay);
      return answer;
    };
  }

  /**
   * Makes the call, or does not make it.
   *
   * @param call the call
   * @return the answer that the caller gets, of the type that the method returns
   */
  @Nullable Object around(Call call);

  /** A call that is about to be made. */
  interface Call {

    /**
     * The name of its method.
     *
     * @return the name, such as {@code settle}
     */
    String method();

    /**
     * The arguments that are passed to it.
     *
     * @return the arguments, in their order
     */
    List<@Nullable Object> arguments();

    /**
     * Whether it may be made twice. That holds for every call except acquire, claim and
     * settleAndClaim.
     *
     * @return true if making it twice has the same effect as making it once
     */
    boolean isRepeatable();

    /**
     * Makes the call, each time anew.
     *
     * @return the store's answer, or null if the method returns none
     */
    @Nullable Object make();
  }

  private static void pause(Duration delay) {
    try {
      TimeUnit.NANOSECONDS.sleep(delay.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
