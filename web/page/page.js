// The page: a module's text or bytes go to Wapiti, what comes back is drawn. All state that matters is in Wapiti.
import { examples } from './examples.js';
import { open } from './wapiti.js';

const $ = (id) => document.getElementById(id);
const element = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children);
  return node;
};

/** Sections in the order of their ids, each with a hue of its own. */
const hues = { preamble: 30, type: 265, import: 190, function: 235, table: 320, memory: 350, global: 95, export: 150,
  start: 60, element: 300, code: 20, data: 45, datacount: 75, custom: 210, tag: 120 };

let wapiti;
let imports = [];
let functions = [];
let explained = null;
let stepping = null;
/** Host calls of the last run: results to be given again when its ops are counted. */
let recorded = [];
let replay = null;

// Functions of the page ---------------------------------------------------------------------------------------------

const readers = {
  i32: (view, at) => view.getInt32(at, true), i64: (view, at) => view.getBigInt64(at, true),
  f32: (view, at) => view.getFloat32(at, true), f64: (view, at) => view.getFloat64(at, true),
};

function hostCall(number, view, params, results) {
  const { module, name, params: types, results: kinds } = imports[number];
  if (replay) {
    // What the first run was given; its output has been printed already.
    const cells = replay.shift() ?? [];
    cells.forEach((cell, i) => view.setBigUint64(results + i * 8, cell, true));
    return;
  }
  const args = types.map((type, i) => readers[type]?.(view, params + i * 8));
  if (module === 'page' && name === 'double') {
    if (types[0] !== 'i32' || kinds[0] !== 'i32') throw new Error('page double: its type is (param i32) (result i32)');
    view.setInt32(results, args[0] * 2, true);
  }
  // A view shows it at once; in a step it is part of the state that follows.
  print(module === 'page' && name === 'log' ? `${args.join(' ')}\n` : `${module}.${name}(${args.join(', ')})\n`);
  recorded.push(kinds.map((_, i) => view.getBigUint64(results + i * 8, true)));
}

let printed = '';
const print = (text) => (printed += text);

// The module --------------------------------------------------------------------------------------------------------

function load(contents) {
  stepping = null;
  const reply = wapiti.load(contents);
  showError(reply.error);
  for (const id of ['forward', 'more', 'to-end', 'back', 'to-start']) $(id).disabled = Boolean(reply.error);
  document.querySelector('#call button').disabled = Boolean(reply.error);
  if (reply.error) return false;
  imports = reply.imports;
  functions = reply.exports.filter((item) => item.kind === 'function');
  const before = $('export').value;
  $('export').replaceChildren(...functions.map((item) => element('option', { value: item.name }, item.name)));
  if (functions.some((item) => item.name === before)) $('export').value = before;
  showPlaceholder();
  explained = wapiti.request({ do: 'explain' });
  if (explained.error) showError(explained.error);
  else {
    drawBytes();
    drawCode();
  }
  drawState();
  return true;
}

function showError(error) {
  $('error').hidden = !error;
  if (error) $('error').textContent = error.message;
}

function showPlaceholder() {
  const item = functions.find((item) => item.name === $('export').value);
  $('args').placeholder = item?.params.join(' ') || 'none';
}

const words = () => $('args').value.split(/[\s,]+/).filter(Boolean);

// Run ---------------------------------------------------------------------------------------------------------------

const COUNTED = 30_000_000;

function run() {
  clearFigures();
  const call = { export: $('export').value, args: words() };
  recorded = [];
  printed = '';
  const made = wapiti.request({ do: 'instantiate' });
  const started = performance.now();
  const reply = made.error ? made : wapiti.request({ do: 'call', ...call });
  const milliseconds = performance.now() - started;
  $('output').textContent = `${made.stdout ?? ''}${printed}${reply.stdout ?? ''}${reply.stderr ?? ''}`;
  showOutcome(reply);
  if (!reply.error?.trap && reply.error) return;
  $('time').textContent = milliseconds < 1 ? `${(milliseconds * 1000).toFixed(0)} µs` : `${milliseconds.toFixed(1)} ms`;
  replay = recorded;
  const counted = wapiti.request({ do: 'count', ...call, limit: COUNTED });
  replay = null;
  if (!counted.error) $('ops').textContent = `${counted.complete ? '' : '> '}${counted.ops.toLocaleString('en')}`;
}

function showOutcome(reply) {
  const result = $('result');
  const { error } = reply;
  result.className = error ? 'bad long' : '';
  if (error) {
    const frames = (error.backtrace ?? []).map((frame) =>
      `at ${frame.name ?? `function ${frame.function}`}${frame.offset === null ? '' : `, byte 0x${frame.offset.toString(16)}`}`);
    result.textContent = [error.trap ? `trap: ${error.message}` : error.message, ...frames].join('\n');
    result.style.whiteSpace = 'pre-wrap';
  } else if ('exit' in reply) {
    result.textContent = `exit ${reply.exit}`;
  } else {
    result.textContent = reply.results.map((value) => value.value).join(', ') || 'nothing';
  }
}

function clearFigures() {
  for (const id of ['result', 'time', 'ops']) $(id).textContent = '–';
  $('result').className = '';
  $('output').textContent = '';
}

// Step --------------------------------------------------------------------------------------------------------------

let view = 0;

function step(request) {
  if (!stepping) {
    printed = '';
    recorded = [];
    replay = null;
    view = 0;
    const state = wapiti.request({ do: 'start', export: $('export').value, args: words(), view });
    if (state.error) return showOutcome(state);
    stepping = state;
    clearFigures();
  } else if (request) {
    const state = wapiti.request({ ...request, view });
    if (state.error) return showOutcome(state);
    stepping = state;
    follow();
  }
  drawState();
  markCode();
}

/** Moves the view of memory to what is read, written, or has changed. */
function follow() {
  const { changed, next, memory } = stepping;
  const places = [...changed.memory.map((change) => change.start),
    ...[...next.reads, ...next.writes].filter((access) => 'address' in access).map((access) => access.address)];
  const away = places.find((at) => at < memory.start || at >= memory.start + 128);
  if (away === undefined || places.some((at) => at >= memory.start && at < memory.start + 128)) return;
  view = Math.max(0, Math.floor(away / 16) * 16 - 16);
  stepping = wapiti.request({ do: 'step', count: 0, view });
}

/** A cell's bits, as signed numbers where that is shorter. */
function number(text) {
  const bits = BigInt(text);
  if (bits < 1n << 31n) return text;
  if (bits < 1n << 32n) return String(BigInt.asIntN(32, bits));
  const signed = BigInt.asIntN(64, bits);
  return signed < 0n && signed > -(1n << 20n) ? String(signed) : `0x${bits.toString(16)}`;
}

function drawState() {
  const at = $('status');
  $('back').disabled = $('to-start').disabled = !stepping || stepping.step === 0;
  const over = Boolean(stepping?.ended);
  $('forward').disabled = $('more').disabled = $('to-end').disabled = over || !functions.length;
  if (!stepping) {
    at.textContent = 'press Step to begin';
    $('state').replaceChildren(element('p', { class: 'hint' },
      'Here are the frame and its cells, the calls, and memory, once you step.'));
    return;
  }
  const { next, ended } = stepping;
  at.replaceChildren('step ', element('b', { id: 'step-number' }, String(stepping.step)),
    ended ? ', ended' : ', next: ', ended ? '' : element('b', {}, next.name));
  if (ended) showOutcome(ended);
  else $('result').textContent = '–';
  $('output').textContent = stepping.output || printed;
  const parts = [element('h3', {}, `Frames, ${stepping.depth} deep`)];
  const changed = new Set(stepping.changed.cells);
  stepping.frames.forEach((frame, depth) => {
    // A callee's frame begins where its arguments lie in the caller's: from there on the cells are the callee's.
    const own = depth === 0 ? Infinity : stepping.frames[depth - 1].start - frame.start;
    parts.push(drawFrame({ ...frame, cells: frame.cells.slice(0, own) }, depth === 0, next, changed));
  });
  if (stepping.depth > stepping.frames.length) parts.push(element('p', { class: 'hint' }, '…'));
  parts.push(element('p', { class: 'keys' },
    key('read', 'read next'), key('write', 'written next'), key('fresh', 'just changed'), key('link', 'way back')));
  if (stepping.globals.length) {
    parts.push(element('h3', {}, 'Globals'), element('div', { class: 'cells' },
      ...stepping.globals.map((global, i) => cell(`${i}: ${global.type}`, number(global.value), accessClass(next, 'global', i)))));
  }
  if (stepping.memory.bytes) {
    parts.push(element('h3', {}, `Memory, ${stepping.memory.bytes / 65536} × 64 KiB`), drawMemory(next));
  }
  $('state').replaceChildren(...parts);
}

const key = (kind, text) => element('span', {}, element('i', { class: `cell ${kind}`, style: 'display:inline-block;min-width:0;padding:0' }), text);

const accessClass = (next, kind, index) =>
  [next.reads.some((access) => access[kind] === index) ? 'read' : '', next.writes.some((access) => access[kind] === index) ? 'write' : ''].join(' ');

const cell = (name, value, kind) =>
  element('div', { class: `cell ${kind}` }, element('small', {}, name), element('span', {}, value));

function drawFrame(frame, inner, next, changed) {
  const cells = frame.cells.map((value, i) => {
    const isLink = i === frame.link || i === frame.link + 1;
    const kinds = [inner ? accessClass(next, 'cell', i) : '', changed.has(frame.start + i) ? 'fresh' : '',
      isLink ? 'link' : '', value === '0' ? 'empty' : ''];
    return cell(`r${i}`, isLink ? '↩' : number(value), kinds.join(' '));
  });
  const name = frame.name ? `$${frame.name}` : `function ${frame.function}`;
  return element('div', { class: `frame${inner ? ' inner' : ''}` },
    element('p', {}, `${name} at ${frame.position}`), element('div', { class: 'cells' }, ...cells));
}

function drawMemory(next) {
  const { start, shown } = stepping.memory;
  const touched = (accesses, at) => accesses.some((access) => 'address' in access && at >= access.address && at < access.address + access.bytes);
  const box = element('div', { class: 'memory', tabindex: '0' });
  for (let row = 0; row < shown.length / 2; row += 16) {
    box.append(`${(start + row).toString(16).padStart(6, '0')}  `);
    let text = '';
    for (let i = row; i < Math.min(row + 16, shown.length / 2); i++) {
      const hex = shown.slice(i * 2, i * 2 + 2);
      const at = start + i;
      const isFresh = stepping.changed.memory.some((change) => at >= change.start && at < change.start + change.bytes);
      const tag = isFresh ? 'b' : touched(next.writes, at) ? 's' : touched(next.reads, at) ? 'u' : 'span';
      box.append(element(tag, {}, hex), ' ');
      const code = parseInt(hex, 16);
      text += code >= 32 && code < 127 ? String.fromCharCode(code) : '·';
    }
    box.append(` ${text}\n`);
  }
  return box;
}

// Wasm beside bytecode ----------------------------------------------------------------------------------------------

function drawCode() {
  const box = $('code');
  box.replaceChildren();
  for (const func of explained.functions.slice(0, 200)) {
    const operators = explained.spans.filter((span) => span.kind === 'operator' && span.function === func.function);
    const ops = [...func.ops];
    const body = element('tbody');
    for (const operator of operators) {
      const own = [];
      while (ops.length && ops[0].offset < operator.end) own.push(ops.shift());
      for (let i = 0; i < Math.max(1, own.length); i++) {
        body.append(codeRow(func.function, i === 0 ? operator : null, own[i]));
      }
    }
    ops.forEach((op) => body.append(codeRow(func.function, null, op)));
    const name = func.name ? ` $${func.name}` : '';
    box.append(element('h3', {}, `Function ${func.function}${name}, a frame of ${func.cells} cells`), element('table', {}, body));
  }
  if (!explained.functions.length) box.append(element('p', { class: 'hint' }, 'The module has no functions of its own.'));
  markCode();
}

function codeRow(func, operator, op) {
  const row = element('tr', { class: op ? undefined : 'quiet', 'data-op': op ? `${func}:${op.position}` : undefined });
  row.append(
    element('td', { class: 'at' }, operator ? operator.start.toString(16) : ''),
    element('td', { class: 'wasm' }, operator ? '  '.repeat(operator.depth) + operator.text : ''),
    element('td', { class: 'at at2' }, op ? String(op.position) : ''),
    element('td', { class: 'op' }, op ? op.text : ''));
  return row;
}

function markCode() {
  for (const row of $('code').querySelectorAll('.now, .call')) row.classList.remove('now', 'call');
  if (!stepping) return;
  const row = (func, position) => $('code').querySelector(`[data-op="${func}:${position}"]`);
  stepping.frames.slice(1).forEach((frame) => row(frame.function, frame.position)?.classList.add('call'));
  const now = row(stepping.next.function, stepping.next.position);
  if (!now) return;
  now.classList.add('now');
  // Only the list scrolls, never the page.
  const box = $('code');
  const top = now.offsetTop - box.clientHeight / 2;
  if (now.offsetTop < box.scrollTop || now.offsetTop + now.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top;
}

// Bytes -------------------------------------------------------------------------------------------------------------

let spanAt = [];
let chosen = -1;

function drawBytes() {
  const { bytes, spans, size, complete } = explained;
  $('size').textContent = `${size.toLocaleString('en')} bytes${complete ? '' : `, of which the first ${(bytes.length / 2).toLocaleString('en')} are shown`}`;
  const sections = [...new Set(spans.map((span) => span.section))];
  $('legend').replaceChildren(...sections.map((name) => element('span', { style: `--hue:${hues[name] ?? 0}` }, name)));
  spanAt = [];
  spans.forEach((span, index) => { for (let at = span.start; at < span.end; at++) spanAt[at] = index; });
  const width = matchMedia('(max-width: 52rem)').matches ? 8 : 16;
  const box = $('hex');
  box.replaceChildren();
  for (let start = 0; start < bytes.length / 2; start += width) {
    const cells = element('span');
    let text = '';
    for (let at = start; at < start + width; at++) {
      const hex = bytes.slice(at * 2, at * 2 + 2);
      if (!hex) { cells.append(element('b', {}, '  ')); continue; }
      const span = spans[spanAt[at]];
      const kinds = ['band', span.kind === 'id' && 'id', at === span.start && 'first', at === span.end - 1 && 'last'];
      cells.append(element('b', { class: kinds.filter(Boolean).join(' '), 'data-at': at, style: `--hue:${hues[span.section] ?? 0}` }, hex));
      const code = parseInt(hex, 16);
      text += code >= 32 && code < 127 ? String.fromCharCode(code) : '·';
    }
    box.append(element('div', { class: 'row' }, element('span', {}, start.toString(16).padStart(4, '0')), cells, element('span', { class: 'text' }, text)));
  }
  chosen = -1;
}

function choose(at) {
  if (!explained?.spans || at < 0 || spanAt[at] === undefined) return;
  for (const byte of $('hex').querySelectorAll('.on')) byte.classList.remove('on');
  chosen = at;
  const span = explained.spans[spanAt[at]];
  for (let i = span.start; i < span.end; i++) $('hex').querySelector(`[data-at="${i}"]`)?.classList.add('on');
  const count = span.end - span.start;
  $('meaning').replaceChildren(element('b', {}, span.text), element('br'),
    `${span.section}, ${count} ${count === 1 ? 'byte' : 'bytes'} at 0x${span.start.toString(16)}${span.function === null ? '' : `, function ${span.function}`}`);
}

// Everything that the user does ---------------------------------------------------------------------------------------

function showExample(example) {
  $('source').value = example.text;
  $('args').value = example.args;
  for (const button of $('examples').children) button.setAttribute('aria-pressed', String(button.textContent === example.name));
  clearFigures();
  if (load(example.text)) {
    $('export').value = example.call;
    showPlaceholder();
  }
}

async function openFile(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  for (const button of $('examples').children) button.setAttribute('aria-pressed', 'false');
  $('source').value = bytes[0] === 0 ? `;; ${file.name}, ${bytes.length} bytes of binary. Type here to write a module instead.` : new TextDecoder().decode(bytes);
  $('args').value = '';
  clearFigures();
  load(bytes);
}

function listen() {
  let waiting;
  $('source').addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => load($('source').value), 250);
  });
  $('call').addEventListener('submit', (event) => { event.preventDefault(); run(); });
  $('export').addEventListener('change', () => { stepping = null; showPlaceholder(); drawState(); markCode(); });
  $('args').addEventListener('input', () => { stepping = null; drawState(); markCode(); });
  const actions = {
    forward: () => step({ do: 'step', count: 1 }), back: () => step({ do: 'back', count: 1 }),
    more: () => step({ do: 'step', count: 100 }), 'to-end': () => { step(); step({ do: 'step', count: 200_000 }); },
    'to-start': () => step({ do: 'back', count: 1_000_000 }),
  };
  for (const [id, action] of Object.entries(actions)) $(id).addEventListener('click', action);
  const keys = { s: 'forward', ArrowRight: 'forward', S: 'more', b: 'back', ArrowLeft: 'back', Home: 'to-start', End: 'to-end' };
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) return run();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, textarea, select')) return;
    if (event.target.closest('#hex')) {
      const width = matchMedia('(max-width: 52rem)').matches ? 8 : 16;
      const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: width, ArrowUp: -width }[event.key];
      if (by) { event.preventDefault(); choose(chosen + by); }
      return;
    }
    if (event.target.closest('.memory, .code') && event.key.startsWith('Arrow')) return;
    const id = keys[event.key];
    if (id && !$(id).disabled) { event.preventDefault(); actions[id](); }
  });
  $('hex').addEventListener('pointerover', (event) => { if (event.target.dataset.at) choose(Number(event.target.dataset.at)); });
  $('hex').addEventListener('click', (event) => { if (event.target.dataset.at) choose(Number(event.target.dataset.at)); });
  $('file').addEventListener('change', () => { if ($('file').files[0]) openFile($('file').files[0]); });
  document.addEventListener('dragover', (event) => { event.preventDefault(); document.body.classList.add('dropping'); });
  document.addEventListener('dragleave', () => document.body.classList.remove('dropping'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    if (event.dataTransfer.files[0]) openFile(event.dataTransfer.files[0]);
  });
}

try {
  wapiti = await open('wapiti.wasm', hostCall);
  $('examples').append(...examples.map((example) => {
    const button = element('button', { type: 'button', 'aria-pressed': 'false' }, example.name);
    button.addEventListener('click', () => showExample(example));
    return button;
  }));
  listen();
  const wanted = decodeURIComponent(location.hash.slice(1));
  showExample(examples.find((example) => example.name === wanted) ?? examples[0]);
  document.body.dataset.ready = 'yes';
} catch (error) {
  showError(error);
}
