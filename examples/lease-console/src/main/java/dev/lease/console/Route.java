package dev.lease.console;

/** A path of the console, what a viewer needs for it, and whether it asks the store. */
record Route(String method, String path, Access access, boolean isOfStore, Handler handler) {

  /** Answers a request that was let through. */
  interface Handler {
    void answer(Visit visit);
  }

  static Route get(String path, Handler handler) {
    return new Route("GET", path, Access.READ, true, handler);
  }

  /** A file of the pages: the store is not asked. */
  static Route file(String path, Handler handler) {
    return new Route("GET", path, Access.READ, false, handler);
  }

  static Route post(String path, Handler handler) {
    return new Route("POST", path, Access.CHANGE, true, handler);
  }
}
