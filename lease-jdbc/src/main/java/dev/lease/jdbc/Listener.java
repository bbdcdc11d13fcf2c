package dev.lease.jdbc;

/** What hears the notifications of other processes. */
interface Listener extends AutoCloseable {

  /** Hears nothing. */
  Listener NONE =
      new Listener() {
        @Override
        public void start() {}

        @Override
        public void close() {}
      };

  /** Starts to listen, if it does not yet. */
  void start();

  @Override
  void close();
}
