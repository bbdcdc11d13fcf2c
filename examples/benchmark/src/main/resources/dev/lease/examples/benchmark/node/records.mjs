// What the handlers record, with the same fields as DrainRecord and Latencies in Java.
const SLICES = 25;
const PERCENTS = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.9, 100];

export const rounded = (value) => Number(value.toPrecision(5));

/** Microseconds of the clock that all processes of the machine have. */
export const nowMicros = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

function latch() {
  let open;
  const all = new Promise((resolve) => (open = resolve));
  return { all, open };
}

function rates(times) {
  const total = times.length;
  const tenth = Math.max(2, Math.floor(total / 10));
  const rate = (from, to) => rounded((to - from - 1) / Math.max(1e-9, (times[to - 1] - times[from]) / 1000));
  const took = (times[total - 1] - times[0]) / 1000;
  const slice = Math.max(1e-9, took) / SLICES;
  const counts = new Array(SLICES).fill(0);
  for (const time of times) counts[Math.min(SLICES - 1, Math.floor((time - times[0]) / 1000 / slice))]++;
  return {
    seconds: rounded(took),
    rate: rate(0, total),
    first: rate(0, tenth),
    last: rate(total - tenth, total),
    over_time: counts.map((count, i) => [rounded((i + 1) * slice), rounded(count / slice)]),
  };
}

export function drainRecord(warm, jobs, ids, sleepMillis, onWarm) {
  const stamps = new Float64Array(jobs);
  const seen = new Uint8Array(ids);
  const { all, open } = latch();
  let ran = 0;
  let dups = 0;
  function note(id) {
    const position = ran++ - warm;
    if (position >= 0 && position < jobs) stamps[position] = performance.now();
    if (id >= 0 && id < ids && seen[id]++ > 0) dups++;
    if (position === 0 && warm > 0) onWarm();
    if (position + 1 === jobs) open();
  }
  return {
    all,
    ran: () => ran,
    run: sleepMillis > 0 ? (id) => sleep(sleepMillis).then(() => note(id)) : note,
    result() {
      const counted = Math.max(0, Math.min(ran - warm, jobs));
      return { ran: counted, dups, ...(counted > 1 ? rates(stamps.slice(0, counted).sort()) : {}) };
    },
  };
}

export function latencyRecord(jobs) {
  const micros = new Float64Array(jobs);
  const { all, open } = latch();
  let ran = 0;
  return {
    all,
    ran: () => ran,
    run(id, stamp) {
      if (!(stamp > 0)) return;
      const position = ran++;
      if (position < jobs) micros[position] = nowMicros() - stamp;
      if (position + 1 === jobs) open();
    },
    result() {
      const counted = Math.min(ran, jobs);
      if (counted === 0) return { ran: 0, left: jobs };
      const sorted = micros.slice(0, counted).sort();
      const millis = (percent) => rounded(sorted[Math.max(1, Math.ceil((percent / 100) * counted)) - 1] / 1000);
      return {
        ran: counted,
        left: jobs - counted,
        p50: millis(50),
        p95: millis(95),
        p99: millis(99),
        max: millis(100),
        percentiles: PERCENTS.map((percent) => [percent, millis(percent)]),
      };
    },
  };
}

/** Jobs that do not end. */
export function holdRecord(jobs, onStart) {
  const { all, open } = latch();
  let held = 0;
  return {
    all,
    held: () => held,
    run(id) {
      onStart(id);
      if (++held === jobs) open();
      return sleep(3_600_000);
    },
  };
}
