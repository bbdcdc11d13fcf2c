package dev.lease.examples.benchmark;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The one-time tasks of db-scheduler. */
final class DbSchedulerJobs implements Subject {

  private static final TaskDescriptor<Long> TASK = TaskDescriptor.of("job", Long.class);
  private static final Duration QUICK_POLL = Duration.ofMillis(100);
  private static final Duration QUICK_HEARTBEAT = Duration.ofSeconds(1);

  /** From its postgresql_tables.sql. */
  private static final String[] TABLES = {
    """
    create table scheduled_tasks (
      task_name text not null, task_instance text not null, task_data bytea,
      execution_time timestamp with time zone not null, picked boolean not null, picked_by text,
      last_success timestamp with time zone, last_failure timestamp with time zone,
      consecutive_failures int, last_heartbeat timestamp with time zone, version bigint not null,
      priority smallint, primary key (task_name, task_instance))
    """,
    "create index execution_time_idx on scheduled_tasks (execution_time)",
    "create index last_heartbeat_idx on scheduled_tasks (last_heartbeat)",
    """
    create index priority_execution_time_idx on scheduled_tasks (priority desc, execution_time asc)
    """
  };

  private final Target target;
  private final Settings settings;
  private @Nullable HikariDataSource pool;
  private @Nullable SchedulerClient client;
  private @Nullable Scheduler scheduler;

  DbSchedulerJobs(Target target) {
    this.target = target;
    settings = target.settings();
  }

  private HikariDataSource pool(int size) {
    if (pool == null) {
      String batches = settings.isTuned() ? "&reWriteBatchedInserts=true" : "";
      String url = target.url() + (target.url().contains("?") ? batches : "?" + batches);
      pool = PostgresqlPool.open(url, settings.number("pool", size));
    }
    return pool;
  }

  @Override
  public void setUp() throws SQLException {
    try (Connection connection = pool(1).getConnection();
        Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        statement.execute(table);
      }
    }
  }

  @Override
  public void openClient() {
    client = SchedulerClient.Builder.create(pool(10), task((id, stamp) -> {})).build();
  }

  private SchedulerClient client() {
    // Only a scheduler as the client executes at once what its own process enqueues.
    return scheduler == null ? Objects.requireNonNull(client, "not open") : scheduler;
  }

  private static OneTimeTask<Long> task(Handling handling) {
    return Tasks.oneTime(TASK)
        .execute(
            (instance, context) -> {
              try {
                handling.run(Long.parseLong(instance.getId()), instance.getData());
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private static TaskInstance<Long> instance(long id, long stamp) {
    return TASK.instance(Long.toString(id)).data(stamp).build();
  }

  @Override
  public void enqueue(long id, long stamp) {
    client().scheduleIfNotExists(instance(id, stamp), Instant.now());
  }

  @Override
  public void enqueueAll(long first, int count, long stamp) {
    List<TaskInstance<?>> instances = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      instances.add(instance(first + i, stamp));
    }
    client().scheduleBatch(instances, Instant.now());
  }

  @Override
  public void prepareWorker(Handling handling) {
    boolean isDefault = !settings.isTuned() && !settings.isQuick();
    int threads = settings.number("concurrency", isDefault ? 10 : 20);
    SchedulerBuilder builder =
        Scheduler.create(pool(isDefault ? 10 : 20), task(handling))
            .threads(threads)
            .schedulerName(new SchedulerName.Fixed("benchmark-" + ProcessHandle.current().pid()));
    if (settings.isTuned()) {
      // From its docs/performance.md.
      builder.pollUsingLockAndFetch(4.0, 20.0).pollingInterval(QUICK_POLL);
    } else if (settings.isQuick() && settings.has("tells")) {
      builder
          .pollingInterval(QUICK_HEARTBEAT)
          .heartbeatInterval(QUICK_HEARTBEAT)
          .missedHeartbeatsLimit(4);
    } else if (settings.isQuick()) {
      builder
          .pollUsingLockAndFetch(0.5, 1.0)
          .pollingInterval(QUICK_POLL)
          .enableImmediateExecution();
    }
    scheduler = builder.build();
  }

  @Override
  public void startWorker() {
    Objects.requireNonNull(scheduler, "not prepared").start();
  }

  @Override
  public long left() throws SQLException {
    try (Connection connection = pool(1).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from scheduled_tasks")) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public void close() {
    if (scheduler != null) {
      scheduler.stop();
    }
    if (pool != null) {
      pool.close();
    }
  }
}
