package dev.lease.jdbc;

/** Listens for notifications of other processes. */
interface NotificationListener extends AutoCloseable {

  /** Listens for nothing. */
  NotificationListener NONE =
      new NotificationListener() {
        @Override
        public void start() {}

        @Override
        public void close() {}
      };

  /** Starts to listen, if it has not started. */
  void start();

  @Override
  void close();
}
