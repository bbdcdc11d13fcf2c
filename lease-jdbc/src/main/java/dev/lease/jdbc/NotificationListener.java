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

  /** What a listener tells, and what it needs. */
  interface Events {

    /** News of another process, or of this one. */
    void heard(String news);

    /** News may have been lost. */
    void mayHaveMissed();

    /**
     * Sends news on another connection than the listener's, on a thread of its own.
     *
     * @param sent is called when it was sent, and not at all if that failed
     */
    void send(String news, Runnable sent);
  }

  /** Starts to listen, if it has not started. */
  void start();

  @Override
  void close();
}
