// The peers themselves. Each has the settings that its own documentation names as the fast ones.
const STORE = process.env.BENCHMARK_STORE;

function require(kind) {
  if (!STORE.startsWith(kind)) throw new Error("it works on another kind of store than this");
}

/** Converts a JDBC URL for Node's driver. */
function postgresql() {
  require("jdbc:postgresql:");
  const url = new URL(STORE.replace("jdbc:postgresql:", "postgres:"));
  url.username = url.searchParams.get("user") ?? "";
  url.password = url.searchParams.get("password") ?? "";
  url.search = "";
  return url.toString();
}

async function count(connectionString, query) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query(query);
  await client.end();
  return Number(rows[0].count);
}

const range = (first, count, job) => Array.from({ length: count }, (_, i) => job(first + i));

function graphileWorker(settings, number, role) {
  const connectionString = postgresql();
  // From website/docs/performance.md, "With batching".
  const batching = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
  const tuned = settings.config === "tuned" || (settings.config === "quick" && role !== "hold");
  const concurrentJobs = number("concurrency", tuned ? 24 : 1);
  const options = {
    concurrentJobs,
    maxPoolSize: number("pool", concurrentJobs + 1),
    ...(tuned ? batching : {}),
    ...(settings.config === "quick" ? { minResetLockedInterval: 1000, maxResetLockedInterval: 2000 } : {}),
  };
  let library, quiet, handling, runner, client;
  async function load() {
    library ??= await import("graphile-worker");
    quiet ??= new library.Logger(() => (level, message) => level === "error" && console.error(message));
  }
  return {
    async setUp() {
      await load();
      const utils = await library.makeWorkerUtils({ connectionString, logger: quiet });
      await utils.migrate();
      await utils.release();
    },
    async openClient() {
      await load();
      client = runner ?? (await library.makeWorkerUtils({ connectionString, maxPoolSize: 10, logger: quiet }));
    },
    enqueue: (id, stamp) => client.addJob("job", { id, stamp }),
    enqueueAll: (first, size, stamp) =>
      client.addJobs(range(first, size, (id) => ({ identifier: "job", payload: { id, stamp } }))),
    async prepareWorker(run) {
      await load();
      handling = run;
    },
    async startWorker() {
      runner = await library.run({
        preset: { worker: { connectionString, logger: quiet, ...options } },
        noHandleSignals: true,
        taskList: { job: (job) => handling(job.id, job.stamp) },
        parsedCronItems: [],
      });
    },
    left: () => count(connectionString, "select count(*) from graphile_worker.jobs"),
    async close() {
      if (runner) await runner.stop();
      if (client && client !== runner) await client.release();
    },
  };
}

function pgBoss(settings, number, role) {
  const connectionString = postgresql();
  const QUEUE = "job";
  const quick = settings.config === "quick";
  const options = { connectionString, max: number("pool", 10) };
  if (quick && role === "hold") {
    Object.assign(options, { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1, maintenanceIntervalSeconds: 1 });
  } else if (quick) {
    options.useListenNotify = true;
  }
  const working = {
    default: {},
    // From docs/api/workers.md and jobs.md; ordering and priorities are off.
    tuned: {
      batchSize: 1000,
      burstWhenBatchFull: true,
      localConcurrency: number("concurrency", 2),
      orderByCreatedOn: false,
      priority: false,
      pollingIntervalSeconds: 0.5,
    },
    quick: role === "hold" ? { pollingIntervalSeconds: 0.5 } : { batchSize: 20, localConcurrency: 4 },
  }[settings.config];
  const holding = role === "hold" ? { localConcurrency: number("concurrency", 10), batchSize: 1 } : {};
  let boss, handling;
  async function open() {
    if (boss) return;
    const { PgBoss } = await import("pg-boss");
    boss = new PgBoss(options);
    boss.on("error", (e) => console.error(String(e)));
    await boss.start();
  }
  return {
    async setUp() {
      await open();
      await boss.createQueue(QUEUE, quick ? { notify: true, heartbeatSeconds: 10 } : {});
      await boss.stop();
    },
    openClient: open,
    enqueue: (id, stamp) => boss.send(QUEUE, { id, stamp }),
    enqueueAll: (first, size, stamp) => boss.insert(QUEUE, range(first, size, (id) => ({ data: { id, stamp } }))),
    async prepareWorker(run) {
      handling = run;
      await open();
    },
    startWorker: () =>
      boss.work(QUEUE, { ...working, ...holding }, (batch) =>
        Promise.all(batch.map((job) => handling(job.data.id, job.data.stamp))),
      ),
    left: () => count(connectionString, "select count(*) from pgboss.job where name = 'job' and state < 'completed'"),
    close: () => boss.stop({ graceful: true, timeout: 15_000 }),
  };
}

function bullmq(settings, number, role) {
  require("redis:");
  const { hostname, port, username, password } = new URL(STORE);
  const connection = { host: hostname, port: Number(port || 6379), username, password };
  const options = {
    default: {},
    tuned: { concurrency: 200, removeOnComplete: { count: 0 }, removeOnFail: { count: 1000 } },
    quick:
      role === "hold" ? { lockDuration: 1000, stalledInterval: 1000 } : { concurrency: 50, removeOnComplete: { count: 0 } },
  }[settings.config];
  if ("concurrency" in settings) options.concurrency = number("concurrency");
  let library, handling, queue, worker;
  return {
    async setUp() {},
    async openClient() {
      library ??= await import("bullmq");
      queue ??= new library.Queue("job", { connection });
      await queue.waitUntilReady();
    },
    enqueue: (id, stamp) => queue.add("job", { id, stamp }),
    enqueueAll: (first, size, stamp) => queue.addBulk(range(first, size, (id) => ({ name: "job", data: { id, stamp } }))),
    async prepareWorker(run) {
      library ??= await import("bullmq");
      handling = run;
    },
    async startWorker() {
      worker = new library.Worker("job", async (job) => handling(job.data.id, job.data.stamp), { connection, ...options });
      worker.on("error", (e) => console.error(String(e)));
      await worker.waitUntilReady();
    },
    async left() {
      const { waiting, active, delayed, prioritized } = await queue.getJobCounts();
      return waiting + active + delayed + prioritized;
    },
    async close() {
      if (worker) await worker.close();
      if (queue) await queue.close();
    },
  };
}

const PEERS = { "graphile-worker": graphileWorker, "pg-boss": pgBoss, bullmq };

export function createPeer(name, settings, role) {
  const number = (key, otherwise) => (key in settings ? Number(settings[key]) : otherwise);
  return PEERS[name](settings, number, role);
}
