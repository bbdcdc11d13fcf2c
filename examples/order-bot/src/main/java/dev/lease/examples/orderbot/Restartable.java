package dev.lease.examples.orderbot;

import java.io.IOException;

/** A server that may be killed. */
interface Restartable extends AutoCloseable {

  /** Kills the server, restarts it, and returns when it answers. */
  void restart() throws IOException, InterruptedException;

  @Override
  void close();
}
