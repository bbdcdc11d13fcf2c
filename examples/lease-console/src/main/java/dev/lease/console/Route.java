package dev.lease.console;

import dev.lease.StoreException;
import dev.lease.examples.shared.Failure;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A path of the console, what a viewer needs for it, whether it asks the store, and, if it changes
 * something, what its forms send.
 */
record Route(
    String method,
    String path,
    Access access,
    boolean isOfStore,
    Set<String> fields,
    Handler handler) {

  private static final Logger LOG = LoggerFactory.getLogger(Route.class);

  /** Answers a request that was let through. */
  interface Handler {
    void answer(Visit visit);
  }

  static Route get(String path, Handler handler) {
    return new Route("GET", path, Access.READ, true, Set.of(), handler);
  }

  /**
   * A change, which wants a reason.
   *
   * @param fields the names of what its forms send, beside the reason, with blanks between
   */
  static Route post(String path, String fields, Handler handler) {
    Set<String> all = Set.of(("token reason " + fields).split(" "));
    return new Route("POST", path, Access.CHANGE, true, all, handler);
  }

  /** The same for what asks nothing of the store, and so is answered while that hangs. */
  Route withoutStore() {
    return new Route(method, path, access, false, fields, handler);
  }

  /** Answers, and logs who changes what and why. */
  void answer(Visit visit) {
    if (access != Access.CHANGE) {
      handler.answer(visit);
      return;
    }
    // Before it as well: of what hangs, or ends with this process, nobody would know who and why.
    String asked = visit.asked();
    LOG.info("{}, begins", asked);
    try {
      handler.answer(visit);
      LOG.info("{}, led to {}", asked, visit.location());
    } catch (RuntimeException | Error e) {
      LOG.warn("{}, failed: {}", asked, Failure.inWords(e));
      if (e instanceof StoreException of) {
        throw refusal(of);
      }
      throw e;
    }
  }

  private static Refusal refusal(StoreException e) {
    return new Refusal(
        503,
        e.isOutcomeUnknown()
            ? "The store's answer was lost. It may have been done: look before you do it again."
            : "The store did not do it: nothing was done. Try again later.");
  }
}
