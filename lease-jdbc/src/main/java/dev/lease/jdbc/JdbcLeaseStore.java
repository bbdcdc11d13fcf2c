package dev.lease.jdbc;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Named leases: a row a name, which stays after the lease has ended, for its token. */
final class JdbcLeaseStore implements LeaseStore {

  /** How long a name stays after its last lease has ended. */
  private static final Duration KEEP = Duration.ofHours(1);

  private final Database database;
  final Sweep sweep = new Sweep("leases", Limits.MAX_BATCH);

  JdbcLeaseStore(Database database) {
    this.database = database;
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration ttl) {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.lease("ttl", ttl);
    Optional<Lease> lease =
        database.run(
            "acquire a lease",
            Sql.LEASE_ACQUIRE,
            session ->
                database
                    .steps(session, Sql.LEASE_ACQUIRE)
                    .bind("name", name)
                    .bind("owner", owner)
                    .bind("ttl", Micros.of(ttl))
                    .first(JobRows::lease));
    sweep.nowAndThen(() -> sweep(KEEP));
    return lease;
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration ttl) {
    Limits.notNull("lease", lease);
    Limits.lease("ttl", ttl);
    return database.run(
        "renew a lease",
        Sql.LEASE_RENEW,
        session ->
            database
                .steps(session, Sql.LEASE_RENEW)
                .bind("name", lease.name())
                .bind("owner", lease.owner())
                .bind("token", lease.token())
                .bind("ttl", Micros.of(ttl))
                .first(JobRows::lease));
  }

  @Override
  public boolean release(Lease lease) {
    Limits.notNull("lease", lease);
    return database.run(
        "release a lease",
        session ->
            session
                    .call(database.text(Sql.LEASE_RELEASE))
                    .bind("name", lease.name())
                    .bind("owner", lease.owner())
                    .bind("token", lease.token())
                    .update()
                > 0);
  }

  @Override
  public Optional<Lease> find(String name) {
    Limits.name("lease name", name);
    return database.read(
        "find a lease",
        session ->
            session.call(database.text(Sql.LEASE_FIND)).bind("name", name).first(JobRows::lease));
  }

  @Override
  public List<Lease> list(int limit) {
    Limits.limit(limit);
    return database.read(
        "list leases",
        session ->
            session.call(database.text(Sql.LEASE_LIST)).bind("limit", limit).list(JobRows::lease));
  }

  /** Removes names whose last lease ended at least so long ago [L25]. */
  int sweep(Duration age) {
    return database.run(
        "sweep leases",
        session ->
            session
                .call(database.text(Sql.LEASE_SWEEP))
                .bind("age", Micros.of(age))
                .bind("limit", Limits.MAX_BATCH)
                .update());
  }
}
