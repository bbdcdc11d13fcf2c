"use strict";
// Brings the figures of a page up to date: each part with data-live, by the page itself, read again.
(() => {
  const PERIOD = 2000;
  const NAMES = ["Waiting", "Running", "Failed"];
  const COLORS = ["--link", "--good", "--bad"];
  const parts = () => document.querySelectorAll("[data-live]");
  let tag = "";
  let plot = null;

  // What somebody is using stays as it is.
  function isInUse(part) {
    const selection = document.getSelection();
    return part.contains(document.activeElement)
      || (!selection.isCollapsed && selection.containsNode(part, true))
      || part.querySelector("details[open]") !== null;
  }

  async function refresh() {
    if (document.hidden) {
      return;
    }
    const answer = await fetch(location.href, {headers: tag ? {"If-None-Match": tag} : {}});
    if (answer.status !== 200) {
      return;
    }
    tag = answer.headers.get("ETag") || "";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    let whole = true;
    for (const part of parts()) {
      const next = page.getElementById(part.id);
      if (next !== null && isInUse(part)) {
        whole = false;
      } else if (next !== null) {
        part.replaceChildren(...next.childNodes);
      }
    }
    if (!whole) {
      tag = "";
    }
    const lines = document.getElementById("lines");
    const newer = page.getElementById("lines");
    if (lines !== null && newer !== null) {
      lines.dataset.points = newer.dataset.points;
      draw(false);
    }
  }

  function draw(anew) {
    const lines = document.getElementById("lines");
    if (lines === null) {
      return;
    }
    const points = JSON.parse(lines.dataset.points);
    if (plot !== null && !anew) {
      plot.setData(points);
      return;
    }
    lines.replaceChildren();
    // A canvas wants a color that is worked out.
    const probe = lines.appendChild(document.createElement("span"));
    const color = name => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    const axis = {stroke: color("--soft"), grid: {stroke: color("--line")}, ticks: {stroke: color("--line")}};
    plot = new uPlot({
      width: lines.clientWidth,
      height: 180,
      // The first minute is a minute wide, however few points it has.
      scales: {x: {range: ({data: [at]}) => [at[0], Math.max(at[at.length - 1], at[0] + 60)]}},
      series: [{}, ...NAMES.map((label, i) => ({label, stroke: color(COLORS[i]), width: 2}))],
      axes: [axis, {...axis, size: 60}],
    }, points, lines);
  }

  draw(true);
  const lines = document.getElementById("lines");
  if (lines !== null) {
    new ResizeObserver(() => plot.setSize({width: lines.clientWidth, height: 180})).observe(lines);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(true));
  }
  if (parts().length > 0) {
    setInterval(() => refresh().catch(() => {}), PERIOD);
  }
})();
