package dev.lease.console;

import java.io.IOException;

/** A path of the console, and what a viewer needs for it. */
record Route(String method, String path, Access access, Handler handler) {

  /** Answers a request that was let through. */
  interface Handler {
    void answer(Visit visit) throws IOException;
  }

  static Route get(String path, Handler handler) {
    return new Route("GET", path, Access.READ, handler);
  }

  static Route post(String path, Handler handler) {
    return new Route("POST", path, Access.CHANGE, handler);
  }
}
