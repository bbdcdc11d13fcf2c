package dev.lease.jdbc;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NameRange;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Named leases: one row for each name. It stays for a while after the lease has ended, for its
 * token.
 */
final class JdbcLeaseStore implements LeaseStore {

  /** How long the row of a name stays after its last lease has expired or was released. */
  private static final Duration KEEP = Duration.ofHours(1);

  private static final String ACQUIRE = "acquire a lease";
  private static final String RELEASE = "release a lease";

  /** The size of one of these calls in a trip, roughly and without its note. */
  private static final int SIZE = 400;

  private final Database database;
  private final CallBatcher<LeaseRequest, Optional<Lease>> acquisitions;
  private final CallBatcher<LeaseKey, Boolean> releases;
  private final Turns<String> turns;
  private final ClockCheck clock;
  final Sweep sweep;

  JdbcLeaseStore(Database database, ClockCheck clock, Executor background) {
    this.database = database;
    this.turns = new Turns<>(database);
    this.clock = clock;
    this.sweep = new Sweep("leases", Limits.MAX_BATCH, background);
    // Acquisitions and releases share the lane.
    int trips = Math.max(1, database.places(Lane.LEASES) / 2);
    acquisitions =
        new CallBatcher<>(
            ACQUIRE,
            this::acquireTogether,
            (wanted, isLocked, deadline) ->
                inTurn(ACQUIRE, wanted.name(), deadline, calls -> acquire(calls, List.of(wanted)))
                    .stream()
                    .findFirst(),
            database,
            JdbcLeaseStore::size,
            LeaseRequest::name,
            trips,
            CallBatcher.PATIENCE);
    releases =
        new CallBatcher<>(
            RELEASE,
            this::releaseTogether,
            (lease, isLocked, deadline) ->
                !inTurn(RELEASE, lease.name(), deadline, calls -> release(calls, List.of(lease)))
                    .isEmpty(),
            database,
            lease -> SIZE,
            LeaseKey::name,
            trips,
            CallBatcher.PATIENCE);
  }

  private static int size(LeaseRequest wanted) {
    return wanted.note() == null ? SIZE : SIZE + wanted.note().length();
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    return acquire(new LeaseRequest(name, owner, leaseDuration, null));
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration, String note) {
    return acquire(new LeaseRequest(name, owner, leaseDuration, Limits.note(note)));
  }

  private Optional<Lease> acquire(LeaseRequest wanted) {
    Limits.name("lease name", wanted.name());
    Limits.name("owner", wanted.owner());
    Limits.lease("leaseDuration", wanted.leaseDuration());
    database.checkOpen();
    Optional<Lease> lease = acquisitions.call(wanted);
    clock.nowAndThen();
    sweep.nowAndThen(() -> sweep(KEEP));
    return lease;
  }

  /**
   * Acquires in the order of the names, so that two trips hardly ever deadlock; a trip that does is
   * tried again. If several ask for one name, only the first of them is sent: whether it gets the
   * lease or not, the others do not get it [L02, L03].
   */
  private List<Optional<Lease>> acquireTogether(List<LeaseRequest> wanted) {
    var first = new TreeMap<String, LeaseRequest>();
    wanted.forEach(one -> first.putIfAbsent(one.name(), one));
    List<LeaseRequest> inOrder = List.copyOf(first.values());
    Map<String, Lease> acquired =
        acquire(database.on(Lane.LEASES).once(), inOrder).stream()
            .collect(Collectors.toMap(Lease::name, Function.identity()));
    return wanted.stream().map(one -> Optional.ofNullable(acquired.remove(one.name()))).toList();
  }

  private List<Lease> acquire(Database.Calls calls, List<LeaseRequest> wanted) {
    return calls.run(
        ACQUIRE, session -> database.statements().acquireEach(session, wanted, LockWait.SHORT));
  }

  /** Makes a call by itself, after those of its name. */
  private <T> T inTurn(
      String what, String name, Deadline deadline, Function<Database.Calls, T> call) {
    return turns.call(what, name, deadline, () -> call.apply(database.on(Lane.LEASES, deadline)));
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    return renewed(lease, leaseDuration, null);
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration, String note) {
    return renewed(lease, leaseDuration, Limits.note(note));
  }

  /** Without a note the row keeps the one that it has. */
  private Optional<Lease> renewed(Lease lease, Duration leaseDuration, @Nullable String note) {
    Limits.notNull("lease", lease);
    Limits.lease("leaseDuration", leaseDuration);
    return database
        .on(Lane.RENEWING, database.deadline(leaseDuration))
        .run(
            "renew a lease",
            Sql.LEASE_RENEW,
            session ->
                new SqlScript(session, Sql.LEASE_RENEW, LockWait.SHORT)
                    .bind("name", lease.name())
                    .bind("owner", lease.owner())
                    .bind("token", lease.token())
                    .bind("duration", Micros.of(leaseDuration))
                    .bind("note", note)
                    .first(RowMappers::lease));
  }

  @Override
  public boolean release(Lease lease) {
    Limits.notNull("lease", lease);
    database.checkOpen();
    return releases.call(LeaseKey.of(lease));
  }

  /** Releases in the same order. If two release one lease, the first has done it [L14]. */
  private List<Boolean> releaseTogether(List<LeaseKey> leases) {
    List<LeaseKey> inOrder = leases.stream().sorted(Comparator.comparing(LeaseKey::name)).toList();
    Set<LeaseKey> released = new HashSet<>(release(database.on(Lane.LEASES).once(), inOrder));
    return leases.stream().map(released::remove).toList();
  }

  private List<LeaseKey> release(Database.Calls calls, List<LeaseKey> leases) {
    return calls.run(
        RELEASE, session -> database.statements().releaseEach(session, leases, LockWait.SHORT));
  }

  @Override
  public Optional<Lease> find(String name) {
    Limits.name("lease name", name);
    return database
        .on(Lane.LEASES)
        .read(
            "find a lease",
            session ->
                session.statement(Sql.LEASE_FIND).bind("name", name).first(RowMappers::lease));
  }

  @Override
  public LeasePage list(String prefix, @Nullable String after, int limit) {
    NameRange range = NameRange.of(prefix, after);
    Limits.limit(limit);
    return LeasePage.upTo(
        limit,
        database.on(Lane.LEASES).read("list leases", session -> page(session, range, limit)));
  }

  static List<Lease> page(Session session, NameRange range, int limit) throws SQLException {
    return session
        .statement(Sql.LEASE_LIST)
        .bind("from", range.from())
        .bind("end", range.end())
        .bind("limit", limit)
        .list(RowMappers::lease);
  }

  /** Removes names whose last lease ended at least that long ago [L25]. */
  int sweep(Duration age) {
    return database
        .on(Lane.BACKGROUND)
        .run(
            "sweep leases",
            session ->
                session
                    .statement(Sql.LEASE_SWEEP)
                    .bind("age", Micros.of(age))
                    .bind("limit", Limits.MAX_BATCH)
                    .update());
  }
}
