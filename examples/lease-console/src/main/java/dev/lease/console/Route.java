package dev.lease.console;

import java.util.Set;

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

  /** Answers a request that was let through. */
  interface Handler {
    void answer(Visit visit);
  }

  static Route get(String path, Handler handler) {
    return new Route("GET", path, Access.READ, true, Set.of(), handler);
  }

  /** A file of the pages: the store is not asked. */
  static Route file(String path, Handler handler) {
    return new Route("GET", path, Access.READ, false, Set.of(), handler);
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
}
