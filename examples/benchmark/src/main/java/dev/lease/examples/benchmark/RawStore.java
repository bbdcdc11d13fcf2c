package dev.lease.examples.benchmark;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.NewJob;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.jdbc.JdbcBackend;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The statements and scripts of Lease, through its {@code JobQueue} and without a worker. */
final class RawStore implements Raw {

  private static final String QUEUE = "raw";
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final Target target;
  private final Backend backend;
  private final Keys keys;
  private final @Nullable OpenTransactions transactions;
  private final AtomicLong made = new AtomicLong();

  RawStore(Target target) {
    if (target.settings().has("open") && target.kind() == StoreKind.REDIS) {
      throw new IllegalArgumentException("--in-transactions needs an SQL store, not Redis");
    }
    this.target = target;
    keys = Keys.of(target.settings());
    backend = LeaseBackend.open(target);
    transactions =
        target.settings().has("open")
            ? new OpenTransactions((JdbcBackend) backend, target.url(), 0)
            : null;
  }

  @Override
  public void setUp() {
    LeaseBackend.migrate(target);
    keys.limit(backend, QUEUE);
  }

  @Override
  public Turn enqueue(int batch) {
    return () -> {
      List<NewJob> jobs = new ArrayList<>(batch);
      for (int i = 0; i < batch; i++) {
        String id = UUID.randomUUID().toString();
        String key = keys.key(made.getAndIncrement());
        jobs.add(NewJob.builder(QUEUE, id, "job", Raw.payload(i)).key(key).build());
      }
      if (transactions != null) {
        transactions.enqueue(jobs);
        return batch;
      }
      return backend.jobQueue().enqueue(jobs).size();
    };
  }

  @Override
  public Turn drain(int batch) {
    ClaimRequest request = ClaimRequest.of(QUEUE, "raw", batch, LEASE);
    List<Settlement> settlements = new ArrayList<>(batch);
    return () -> {
      SettledAndClaimed turn = backend.jobQueue().settleAndClaim(settlements, request);
      settlements.clear();
      for (ClaimedJob job : turn.claim().jobs()) {
        settlements.add(Settlement.done(job.lease()));
      }
      return settlements.size();
    };
  }

  @Override
  public void close() throws SQLException {
    if (transactions != null) {
      transactions.close();
    }
    backend.close();
  }
}
