package dev.lease.jdbc;

/** What hears the notifications of other processes. */
interface NotificationListener extends AutoCloseable {

  /** Hears nothing. */
  NotificationListener NONE =
      new NotificationListener() {
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
