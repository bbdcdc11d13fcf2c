package dev.lease.testkit;

import dev.lease.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong with one call of a store that {@link Faults} wrap. A test may write its own, such
 * as one that waits for a latch before or after it makes the call.
 */
@FunctionalInterface
public interface Fault {

  /** The call is made, and its answer is given. */
  Fault NONE = Call::make;

  /**
   * The call is made twice, and the second answer is given, as by a driver that sends a request
   * again when its connection broke. Acquire, claim and settleAndClaim are made once all the same:
   * a claim sent again cannot be told from a new one, so no driver may do it (policy 6); what the
   * first had taken would be held by nobody. Where the second call fails the outcome is unknown.
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
          throw StoreException.outcomeUnknown(e.getMessage() + ", when sent again", e);
        }
      };

  /** The call is made, and its answer is lost: the caller learns that the outcome is unknown. */
  Fault LOST_REPLY =
      call -> {
        call.make();
        throw StoreException.outcomeUnknown("the reply to " + call.method() + " was lost", null);
      };

  /** The call is not made, and the caller learns that nothing was done. */
  Fault NOT_DONE =
      call -> {
        throw StoreException.notDone("the store is not reached by " + call.method(), null);
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
   * The call is made at once, and its answer is given late.
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
   * Makes the call, or does not.
   *
   * @param call the call
   * @return the answer that the caller gets, of the type that the method returns
   */
  @Nullable Object around(Call call);

  /** A call that is about to be made. */
  interface Call {

    /**
     * Its method.
     *
     * @return the name, such as {@code settle}
     */
    String method();

    /**
     * What is passed to it.
     *
     * @return the arguments, in their order
     */
    List<@Nullable Object> arguments();

    /**
     * Whether it may be made twice: every call may but acquire, claim and settleAndClaim.
     *
     * @return true if making it twice has the effect of once
     */
    boolean isRepeatable();

    /**
     * Makes it, once more each time.
     *
     * @return the store's answer; null where the method gives none
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
