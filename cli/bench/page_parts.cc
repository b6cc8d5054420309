#include "cli/bench/page_parts.h"

namespace swoop::cli::bench {

// Colours are those of Okabe and Ito, which can be told apart by everyone; each engine has a shape,
// too.
const char kPageStyle[] = R"page(
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --dim: #59636e; --line: #d5dae0;
  --panel: #f6f8fa; --bad: #b3261e;
  --e0: #d55e00; --e1: #0072b2; --e2: #008462; --e3: #a6498a; --e4: #8a6a00; --e5: #2b8cc4;
  --e6: #555; --e7: #7a3b9a; }
@media (prefers-color-scheme: dark) { :root { --back: #0f1318; --text: #e6eaef; --dim: #9aa5b1;
  --line: #323a44; --panel: #181e25; --bad: #ff8a80;
  --e0: #ff8533; --e1: #5db4f0; --e2: #2fc79b; --e3: #e59acb; --e4: #e6b422; --e5: #8fd0ff;
  --e6: #b8bec6; --e7: #c79bea; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 64rem; background: var(--back);
  color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; line-height: 1.25; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .25rem; }
p { margin: .25rem 0 .75rem; } .dim, figcaption { color: var(--dim); }
figure { margin: .5rem 0 0; overflow-x: auto; } figure svg[role=group] { min-width: 40rem; } figcaption { font-size: .88rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 1rem 0;
  padding: .75rem 1rem; background: var(--panel); border: 1px solid var(--line);
  border-radius: 6px; font-size: .9rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: .92em ui-monospace, "DejaVu Sans Mono", monospace; }
svg { display: block; width: 100%; height: auto; font: 12.5px system-ui, "DejaVu Sans", sans-serif; }
svg text { fill: var(--text); paint-order: stroke; stroke: var(--back); stroke-width: 3px;
  stroke-linejoin: round; } svg .dim { fill: var(--dim); }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .axis { stroke: var(--dim); }
svg .guide { stroke: var(--dim); stroke-dasharray: 4 4; fill: none; }
svg .strong { font-weight: 600; } svg .point { opacity: .45; } svg .bar { rx: 2; }
svg [tabindex]:focus { outline: none; stroke: var(--text); stroke-width: 2; opacity: 1; }
svg .point:hover { opacity: 1; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .84rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; } th { color: var(--dim); font-weight: 600; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
td.error { color: var(--bad); text-align: left; white-space: normal; }
tr.first > td { border-top: 2px solid var(--line); }
.controls { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .25rem 0 .5rem; font-size: .9rem; }
.controls label { display: inline-flex; align-items: center; gap: .35rem; }
select { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line);
  border-radius: 4px; padding: .1rem .3rem; max-width: 100%; }
#tip { position: fixed; pointer-events: none; background: var(--text); color: var(--back);
  padding: .3rem .55rem; border-radius: 4px; font-size: .82rem; line-height: 1.35; z-index: 9;
  max-width: 22rem; white-space: pre-line; visibility: hidden; }
@media print { :root { color-scheme: light; --back: #fff; --text: #000; --dim: #444; --line: #bbb;
  --panel: #fff; --bad: #b3261e; --e0: #d55e00; --e1: #0072b2; --e2: #008462; --e3: #a6498a;
  --e4: #8a6a00; --e5: #2b8cc4; --e6: #555; --e7: #7a3b9a; }
  figure { overflow: visible; } figure svg[role=group] { min-width: 0; }
  h2 { break-after: avoid; } tr, figure svg { break-inside: avoid; }
  body { padding: 0; font-size: 11pt; } #tip, .controls { display: none; } .scroll { overflow: visible; }
  table { font-size: 7.5pt; } th { white-space: normal; } th, td { padding: .1rem .3rem; } }
)page";

const char kPageScript[] = R"page(
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
const by = (list, key) => list.find(item => item.name === key);
const digits = v => v === 0 ? '0' : v >= 100 ? v.toFixed(0) : v.toPrecision(3);
const time = ms => ms >= 1000 ? digits(ms / 1000) + ' s' : ms >= 1 ? digits(ms) + ' ms'
  : digits(ms * 1000) + ' µs';
const tick = ms => ms >= 1000 ? ms / 1000 + ' s' : ms >= 1 ? +ms.toPrecision(2) + ' ms'
  : +(ms * 1000).toPrecision(2) + ' µs';
const ratio = v => '×' + (v >= 10 ? v.toFixed(0) : v.toFixed(2));
const geomean = list => Math.exp(list.reduce((sum, v) => sum + Math.log(v), 0) / list.length);
const color = index => `var(--e${index % 8})`;
const good = data.rows.filter(row => !row.error);
const row = (program, engine) =>
  good.find(r => r.file === program.file && r.engine === engine.name);

// The shapes of engines, so that colour is not all that tells them apart.
function shape(index, x, y, size, attributes) {
  const s = size, at = points => `<polygon points="${points.map(([dx, dy]) =>
    `${(x + dx * s).toFixed(1)},${(y + dy * s).toFixed(1)}`).join(' ')}" ${attributes}/>`;
  switch (index % 5) {
    case 0: return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${s}" ${attributes}/>`;
    case 1: return at([[-.9, -.9], [.9, -.9], [.9, .9], [-.9, .9]]);
    case 2: return at([[0, -1.2], [1.1, .8], [-1.1, .8]]);
    case 3: return at([[0, -1.3], [1.2, 0], [0, 1.3], [-1.2, 0]]);
    default: return at([[0, 1.2], [1.1, -.8], [-1.1, -.8]]);
  }
}
const hint = text => `tabindex="0" role="img" aria-label="${escape(text)}" data-tip="${escape(text)}"`;

// A logarithmic scale from the smallest to the largest value, with a margin.
function scale(values, from, to) {
  let low = Math.log10(Math.min(...values)), high = Math.log10(Math.max(...values));
  const margin = Math.max(.08, (high - low) * .07);
  low -= margin; high += margin;
  const map = v => from + (Math.log10(v) - low) / (high - low) * (to - from);
  const ticks = [], steps = high - low > 3.5 ? [1] : high - low > 1.6 ? [1, 3]
    : high - low > 1.1 ? [1, 2, 5] : high - low > .5 ? [1, 1.5, 2, 3, 5, 7] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
  for (let power = Math.floor(low); power <= high; ++power) {
    for (const step of steps) {
      const value = step * 10 ** power;
      if (Math.log10(value) >= low && Math.log10(value) <= high) ticks.push(value);
    }
  }
  return { map, ticks };
}

// Moves labels apart, and keeps them inside.
function spread(labels, gap, low, high) {
  labels.sort((a, b) => a.y - b.y);
  labels.forEach((label, i) => { label.to = Math.max(label.y, i ? labels[i - 1].to + gap : low); });
  for (let i = labels.length - 1; i >= 0; --i) {
    labels[i].to = Math.min(labels[i].to, i + 1 < labels.length ? labels[i + 1].to - gap : high);
  }
}

function frame(width, height, box, x, y, titles) {
  let svg = '';
  for (const tick of x.ticks) {
    const at = x.map(tick).toFixed(1);
    svg += `<line class="grid" x1="${at}" x2="${at}" y1="${box.top}" y2="${box.bottom}"/>` +
      `<text class="dim" x="${at}" y="${box.bottom + 18}" text-anchor="middle">${titles.xTick(tick)}</text>`;
  }
  for (const tick of y.ticks) {
    const at = y.map(tick).toFixed(1);
    svg += `<line class="grid" x1="${box.left}" x2="${box.right}" y1="${at}" y2="${at}"/>` +
      `<text class="dim" x="${box.left - 8}" y="${+at + 4}" text-anchor="end">${titles.yTick(tick)}</text>`;
  }
  const middle = (box.top + box.bottom) / 2;
  return svg + `<text x="${(box.left + box.right) / 2}" y="${height - 8}" text-anchor="middle">${titles.x}</text>` +
    `<text x="16" y="${middle}" text-anchor="middle" transform="rotate(-90 16 ${middle})">${titles.y}</text>`;
}

const svg = (width, height, label, body) =>
  `<svg viewBox="0 0 ${width} ${height}" role="group" aria-label="${escape(label)}">${body}</svg>`;

function pareto() {
  const reference = by(data.engines, data.reference);
  const isRelative = data.engines.length > 1;
  const points = [], means = [], lines = [];
  for (const [index, engine] of data.engines.entries()) {
    const compile = [], run = [];
    for (const program of data.programs) {
      const own = row(program, engine), base = row(program, reference);
      if (!own || !base || !(own.run_ms > 0) || !(base.run_ms >= data.shortest_ms)) continue;
      const y = isRelative ? own.run_ms / base.run_ms : own.run_ms;
      run.push(y);
      if (!(own.compile_ms > 0) || !(base.compile_ms > 0)) continue;
      const x = isRelative ? own.compile_ms / base.compile_ms : own.compile_ms;
      compile.push(x);
      points.push({ index, x, y, tip: `${program.name} on ${engine.name}\ncompile ${time(own.compile_ms)}` +
        `${isRelative ? ` (${ratio(x)})` : ''}\nrun ${time(own.run_ms)}${isRelative ? ` (${ratio(y)})` : ''}` });
    }
    if (!run.length) continue;
    const mean = { index, name: engine.name, y: geomean(run), of: run.length };
    if (compile.length) {
      mean.x = geomean(compile);
      means.push(mean);
    } else {
      lines.push(mean);
    }
  }
  if (!points.length) return '<p class="dim">No program has both a time to compile and a time to run.</p>';
  const width = 860, height = 520, box = { left: 78, right: 676, top: 16, bottom: 456 };
  const x = scale(points.map(p => p.x), box.left, box.right);
  const y = scale([...points.map(p => p.y), ...lines.map(l => l.y)], box.bottom, box.top);
  const unit = isRelative ? `, relative to ${escape(reference.name)}` : '';
  let body = frame(width, height, box, x, y, { xTick: isRelative ? v => '×' + +v.toPrecision(2) : tick,
    yTick: isRelative ? v => '×' + +v.toPrecision(2) : tick,
    x: `time to compile${unit} (log) — left is faster`, y: `time to run${unit} (log) — down is faster` });
  for (const p of points) {
    body += shape(p.index, x.map(p.x), y.map(p.y), 4, `class="point" style="fill:${color(p.index)}" ${hint(p.tip)}`);
  }
  const labels = [];
  for (const line of lines) {
    const at = y.map(line.y);
    body += `<line x1="${box.left}" x2="${box.right}" y1="${at}" y2="${at}" style="stroke:${color(line.index)}" stroke-dasharray="6 4" stroke-width="1.5"/>`;
    labels.push({ y: at, x: box.right - 10, index: line.index, text: line.name,
      detail: `${isRelative ? ratio(line.y) : time(line.y)} run, no compile time` });
  }
  for (const mean of means) {
    const px = x.map(mean.x), py = y.map(mean.y);
    const values = isRelative ? `compile ${ratio(mean.x)}, run ${ratio(mean.y)}`
      : `compile ${time(mean.x)}, run ${time(mean.y)}`;
    body += shape(mean.index, px, py, 9, `style="fill:${color(mean.index)};stroke:var(--back);stroke-width:2" ` +
      hint(`${mean.name}: geometric mean of ${mean.of}\n${values}`));
    labels.push({ y: py, x: px, index: mean.index, text: mean.name, detail: values });
  }
  spread(labels, 36, box.top + 12, box.bottom - 18);
  for (const label of labels) {
    body += `<line x1="${(label.x + 10).toFixed(1)}" y1="${label.y.toFixed(1)}" x2="${box.right + 8}" y2="${label.to.toFixed(1)}" style="stroke:${color(label.index)}" stroke-opacity=".45"/>` +
      `<text class="strong" x="${box.right + 14}" y="${(label.to + 1).toFixed(1)}" style="fill:${color(label.index)}">${escape(label.text)}</text>` +
      `<text class="dim" font-size="11" x="${box.right + 14}" y="${(label.to + 15).toFixed(1)}">${escape(label.detail)}</text>`;
  }
  return svg(width, height, 'Compile time against execution time', body);
}

function bars(field, what, canBeRelative = true) {
  const isRelative = canBeRelative && data.engines.length > 1, reference = by(data.engines, data.reference);
  const groups = [];
  for (const program of data.programs) {
    const base = row(program, reference);
    const bars = [];
    for (const [index, engine] of data.engines.entries()) {
      const own = row(program, engine);
      if (!own || !(own[field] > 0) || (isRelative && !(base && base[field] > 0))) continue;
      bars.push({ index, engine, value: own[field], low: own[field.replace('_ms', '_min_ms')],
        high: own[field.replace('_ms', '_max_ms')], size: isRelative ? own[field] / base[field] : own[field] });
    }
    if (bars.length) groups.push({ program, bars });
  }
  if (!groups.length) return '<p class="dim">Nothing was measured.</p>';
  const sizes = groups.flatMap(g => g.bars.map(b => b.size)).sort((a, b) => a - b);
  const isLog = !isRelative && sizes.at(-1) / sizes[0] > 30;
  const limit = isRelative ? Math.max(1.2, Math.min(sizes.at(-1), 2.5)) : sizes.at(-1);
  const left = 190, right = 700, width = 860, thick = groups[0].bars.length > 1 ? 11 : 15;
  const low = Math.log10(sizes[0]) - .3;
  const length = size => isLog ? (Math.log10(size) - low) / (Math.log10(limit) - low) * (right - left)
    : Math.min(size, limit) / limit * (right - left);
  let y = 22, body = '';
  for (const { program, bars } of groups) {
    const height = bars.length * (thick + 1);
    const name = program.name.length > 25 ? '…' + program.name.slice(-24) : program.name;
    body += `<text x="${left - 10}" y="${y + height / 2 + 4}" text-anchor="end">${escape(name)}<title>${escape(program.file)}</title></text>`;
    for (const bar of bars) {
      const end = left + length(bar.size), isCut = isRelative && bar.size > limit;
      const text = isRelative ? `${time(bar.value)} · ${ratio(bar.size)}` : time(bar.value);
      body += `<rect class="bar" x="${left}" y="${y}" width="${Math.max(1, end - left).toFixed(1)}" height="${thick}" style="fill:${color(bar.index)}" ` +
        hint(`${program.name} on ${bar.engine.name}\n${text}\n${time(bar.low)} to ${time(bar.high)}`) + '/>' +
        `<text class="dim" font-size="11" x="${(end + 6).toFixed(1)}" y="${y + thick / 2 + 4}">${isCut ? '→ ' : ''}${text}</text>`;
      y += thick + 1;
    }
    y += 9;
  }
  if (isRelative) {
    const one = (left + length(1)).toFixed(1);
    body = `<line class="axis" x1="${one}" x2="${one}" y1="16" y2="${y}"/>` +
      `<text class="dim" font-size="11" x="${one}" y="11" text-anchor="middle">${escape(reference.name)} = 1</text>` + body;
  }
  return (isLog ? '<p class="dim">Lengths are logarithmic.</p>' : '') + svg(width, y + 4, what, body);
}

function legend() {
  return '<p class="dim">' + data.engines.map((engine, index) =>
    `<span style="white-space:nowrap"><svg viewBox="0 0 16 16" style="display:inline-block;width:1em;height:1em;vertical-align:-.12em">${shape(index, 8, 8, 6, `style="fill:${color(index)}"`)}</svg> ` +
    `<span title="${escape(engine.version || '')}">${escape(engine.name)}</span></span>`).join(' &nbsp; ') + '</p>';
}

function functions(program) {
  const all = data.functions[program.file].points.filter(p => p[0] > 0 && p[1] > 0);
  if (!all.length) return '<p class="dim">The module has no functions.</p>';
  const width = 860, height = 460, box = { left: 78, right: 830, top: 14, bottom: 398 };
  const x = scale(all.map(p => p[0]), box.left, box.right), y = scale(all.map(p => p[1]), box.bottom, box.top);
  const name = bytes => bytes >= 1e6 ? bytes / 1e6 + ' MB' : bytes >= 1000 ? bytes / 1000 + ' kB' : bytes + ' B';
  let body = frame(width, height, box, x, y, { xTick: name, yTick: us => tick(us / 1000),
    x: 'bytes of the body (log)', y: 'time to compile it (log)' });
  // Equal speed is a line of slope one; this one is that of all functions together.
  const whole = data.functions[program.file], speed = whole.us / whole.bytes;
  const xs = [Math.min(...all.map(p => p[0])), Math.max(...all.map(p => p[0]))];
  const clip = v => Math.max(box.top, Math.min(box.bottom, y.map(v)));
  const steps = Array.from({ length: 41 }, (_, i) => xs[0] * (xs[1] / xs[0]) ** (i / 40));
  const inside = steps.filter(v => y.map(v * speed) <= box.bottom && y.map(v * speed) >= box.top);
  body += `<polyline class="guide" points="${inside.map(v => `${x.map(v).toFixed(1)},${clip(v * speed).toFixed(1)}`).join(' ')}"/>`;
  for (const [bytes, us, code] of all) {
    body += `<circle class="point" cx="${x.map(bytes).toFixed(1)}" cy="${y.map(us).toFixed(1)}" r="2.6" style="fill:${color(0)}" ` +
      `data-tip="${bytes} bytes of body, ${code} of machine code&#10;${digits(us)} µs: ${digits(bytes / us)} MB/s"/>`;
  }
  return svg(width, height, 'Size of functions against time to compile them', body) +
    `<figcaption>${whole.count} functions${all.length < whole.count ? `, of which ${all.length} are shown` : ''}; ` +
    `the dashed line is ${digits(1 / speed)} MB/s, the speed of all together. Compilation alone, without decoding and validation.</figcaption>`;
}

const put = (id, html) => { document.getElementById(id).innerHTML = html; };
put('pareto', pareto());
put('legend', data.engines.length > 1 ? legend() : '');
put('runs', bars('run_ms', 'Time to run each program'));
put('compiles', bars('compile_ms', 'Time to compile each program'));
if (good.some(r => r.total_ms > 0)) put('wholes', bars('total_ms', 'CPU time of each process', false));
else document.getElementById('whole').hidden = true;

const timed = data.programs.filter(p => data.functions[p.file]);
if (timed.length) {
  const largest = timed.reduce((a, b) => data.functions[b.file].count > data.functions[a.file].count ? b : a);
  const choice = document.getElementById('choice');
  choice.innerHTML = timed.map((p, i) => `<option value="${i}"${p === largest ? ' selected' : ''}>${escape(p.name)}</option>`).join('');
  const show = () => put('functions', functions(timed[+choice.value]));
  choice.addEventListener('change', show);
  show();
} else {
  document.getElementById('per-function').hidden = true;
}

// One label for whatever is under the pointer or has the focus.
const tip = document.getElementById('tip');
function show(target, x, y) {
  const text = target.closest && target.closest('[data-tip]');
  tip.style.visibility = text ? 'visible' : 'hidden';
  if (!text) return;
  tip.textContent = text.dataset.tip;
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - tip.offsetWidth - 8)) + 'px';
  tip.style.top = Math.max(4, y + tip.offsetHeight + 24 > innerHeight ? y - tip.offsetHeight - 10 : y + 16) + 'px';
}
addEventListener('pointermove', event => show(event.target, event.clientX, event.clientY));
addEventListener('focusin', event => {
  const place = event.target.getBoundingClientRect();
  show(event.target, place.right, place.bottom);
});
addEventListener('focusout', () => { tip.style.visibility = 'hidden'; });
addEventListener('keydown', event => { if (event.key === 'Escape') tip.style.visibility = 'hidden'; });
document.documentElement.dataset.ready = 'true';
)page";

}  // namespace swoop::cli::bench
