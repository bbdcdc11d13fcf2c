package dev.lease.testkit.server;

/** A database server that runs for as long as this JVM. */
public interface TestServer {

  /**
   * Creates a fresh, empty database that nobody else uses.
   *
   * @return its JDBC URL, with user and password
   */
  String newDatabase();
}
