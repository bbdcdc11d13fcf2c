// The peers in Node: PEER ROLE key=value.. plays a role like Child in Java, and prints the same lines.
import readline from "node:readline";
import { createPeer } from "./peers.mjs";
import { drainRecord, holdRecord, latencyRecord, nowMicros, rounded } from "./records.mjs";

const [, , peerName, role, ...rest] = process.argv;
const settings = Object.fromEntries(rest.map((text) => text.split(/=(.*)/s).slice(0, 2)));
const number = (key, otherwise) => (key in settings ? Number(settings[key]) : otherwise);
const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const say = (line) => process.stdout.write(line + "\n");
const done = (result) => say("DONE " + JSON.stringify(result));

const heard = [];
let wake = () => {};
readline
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    heard.push(line);
    wake();
  })
  .on("close", () => process.exit(1));

async function hear(word) {
  while (!heard.includes(word)) await new Promise((resolve) => (wake = resolve));
}

async function ready() {
  say("READY");
  await hear("GO");
}

async function closed() {
  say("CLOSED");
  await hear("END");
}

const tick = (count) => setInterval(() => say("TICK " + count()), 1000).unref();

const BATCH = 1000;
const WARM_ID = 2 ** 30;
const REST_MILLIS = 2000;
const CLOSE_MILLIS = 20_000;

const jobs = number("jobs", 0);
const cap = number("cap", 120);
const peer = createPeer(peerName, settings, role);
const close = () => Promise.race([peer.close(), sleep(CLOSE_MILLIS)]);
const seconds = (start) => (performance.now() - start) / 1000;

async function finish(result) {
  done(result);
  await close();
  await closed();
}

function enqueued(count, start) {
  const took = seconds(start);
  return { ran: count, seconds: rounded(took), rate: rounded(count / took) };
}

const roles = {
  async setup() {
    await peer.setUp();
    done({});
  },

  async seed() {
    await peer.openClient();
    for (let i = 0; i < jobs; i += BATCH) await peer.enqueueAll(i, Math.min(BATCH, jobs - i), 0);
    await close();
    done({});
  },

  async left() {
    await peer.openClient();
    const left = await peer.left();
    await close();
    done({ left });
  },

  async single() {
    await peer.openClient();
    for (let i = 0; i < number("warm", 200); i++) await peer.enqueue(WARM_ID + i, 0);
    let next = 0;
    tick(() => next);
    await ready();
    const start = performance.now();
    const caller = async () => {
      while (next < jobs && seconds(start) < cap) await peer.enqueue(next++, 0);
    };
    await Promise.all(Array.from({ length: number("threads", 8) }, caller));
    await finish(enqueued(next, start));
  },

  async bulk() {
    const batch = number("batch", BATCH);
    const warm = number("warm", batch);
    await peer.openClient();
    for (let i = 0; i < warm; i += batch) await peer.enqueueAll(WARM_ID + i, Math.min(batch, warm - i), 0);
    let count = 0;
    tick(() => count);
    await ready();
    const start = performance.now();
    while (count < jobs && seconds(start) < cap) {
      const size = Math.min(batch, jobs - count);
      await peer.enqueueAll(count, size, 0);
      count += size;
    }
    await finish(enqueued(count, start));
  },

  async drain() {
    const warm = number("warm", 0);
    const record = drainRecord(warm, jobs, number("ids", warm + jobs), number("sleep", 0), () => say("WARM"));
    await peer.prepareWorker(record.run);
    tick(record.ran);
    await ready();
    await peer.startWorker();
    await Promise.race([record.all, sleep(cap * 1000)]);
    if ("halt" in settings) {
      done(record.result());
      await closed();
    } else {
      await finish(record.result());
    }
  },

  async latency() {
    const warm = number("warm", 50);
    const every = number("every", 20);
    const record = latencyRecord(jobs);
    await peer.prepareWorker(record.run);
    await peer.startWorker();
    await peer.openClient();
    await sleep(REST_MILLIS);
    tick(record.ran);
    await ready();
    const start = performance.now();
    for (let i = 0; i < warm + jobs; i++) {
      const early = start + i * every - performance.now();
      if (early > 0) await sleep(early);
      if (i === warm && warm > 0) say("WARM");
      peer.enqueue(i, i < warm ? 0 : nowMicros());
    }
    await Promise.race([record.all, sleep(cap * 1000)]);
    await finish(record.result());
  },

  async work() {
    const record = latencyRecord(jobs);
    await peer.prepareWorker(record.run);
    await peer.startWorker();
    await sleep(REST_MILLIS);
    tick(record.ran);
    await ready();
    await Promise.race([record.all, sleep(cap * 1000)]);
    await finish(record.result());
  },

  async produce() {
    const rate = number("rate", 1000);
    const warm = number("warm", 2000);
    const total = warm + jobs;
    await peer.openClient();
    await ready();
    const start = performance.now();
    const pending = new Set();
    let late = 0;
    for (let i = 0; i < total; ) {
      const due = Math.min(total, Math.floor(seconds(start) * rate));
      for (; i < due; i++) {
        if (i === warm && warm > 0) say("WARM");
        const call = peer.enqueue(i, i < warm ? 0 : nowMicros());
        pending.add(call);
        call.finally(() => pending.delete(call));
      }
      if (pending.size > 100) late++;
      await sleep(1);
    }
    await Promise.all(pending);
    await finish({ producer_rate: rounded(total / seconds(start)), late });
  },

  async hold() {
    const record = holdRecord(jobs, (id) => "tells" in settings && say(`START ${id} ${nowMicros()}`));
    await peer.prepareWorker(record.run);
    await peer.startWorker();
    tick(record.held);
    if (!("tells" in settings)) await Promise.race([record.all, sleep(cap * 1000)]);
    await ready();
    done({ held: record.held() });
    await closed();
  },
};

try {
  if (!roles[role]) throw new Error(`no ${role} for ${peerName}`);
  await roles[role]();
  process.exit(0);
} catch (e) {
  console.error(e);
  say("ERROR " + e);
  process.exit(1);
}
