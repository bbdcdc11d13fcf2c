package dev.lease.examples.benchmark;

import java.sql.SQLException;

/** Enqueue and drain in a bare loop; each thread asks for an object of its own. */
interface Raw extends AutoCloseable {

  /** One turn, which answers how many jobs it moved. */
  interface Turn {
    int once() throws Exception;
  }

  /** Makes tables, where there are any. */
  void setUp() throws Exception;

  /** A turn that enqueues so many jobs. */
  Turn enqueue(int batch) throws Exception;

  /** A turn that settles what the last one claimed, and claims so many more. */
  Turn drain(int batch) throws Exception;

  @Override
  void close() throws SQLException;

  static Raw of(Target target) {
    if (target.settings().text("level", "bare").equals("store")) {
      return new RawStore(target);
    }
    return switch (target.kind()) {
      case SQLITE -> new RawSqlite(target);
      case POSTGRESQL -> new RawPostgresql(target);
      case MARIADB -> new RawMariadb(target);
      case REDIS -> new RawRedis(target);
    };
  }

  /** What a job carries: as much as a job of the other workloads. */
  static String payload(long id) {
    return Json.MAPPER.writeValueAsString(new LeaseJobs.Body(id, 0));
  }
}
