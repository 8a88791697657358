// The page's module as JavaScript sees it: the small interface, and the rich one.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { compiled, example, open, root } from './module.mjs';

// (module (func (export "main") (result i32) (i32.const 42))), by hand.
const answer = Uint8Array.of(
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 5, 1, 0x60, 0, 1, 0x7f,
  3, 2, 1, 0,
  7, 8, 1, 4, 0x6d, 0x61, 0x69, 0x6e, 0, 0,
  10, 6, 1, 4, 0, 0x41, 42, 0x0b,
);

test('exports malloc(size) and run(ptr, len)', () => {
  const page = open();
  assert.equal(page.exports.malloc.length, 1);
  assert.equal(page.exports.run.length, 2);
  assert.equal(page.run(answer), 42);
  assert.equal(page.run(example('simple.wat')), 42);
});

test('runs simple.wasm of the workloads', (t) => {
  const file = new URL('../shared/workloads/programs/simple.wasm', root);
  if (!existsSync(file)) return t.skip('there is no folder of workloads');
  assert.equal(open().run(readFileSync(file)), 42);
});

test('runs when every import is a function that returns 0', () => {
  const imports = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(compiled)) {
    assert.equal(kind, 'function');
    (imports[module] ??= {})[name] = () => 0;
  }
  const { malloc, run, memory } = new WebAssembly.Instance(compiled, imports).exports;
  const at = malloc(answer.length);
  new Uint8Array(memory.buffer).set(answer, at);
  assert.equal(run(at, answer.length), 42);
});

test('a bad module is a message, and the next one runs', () => {
  const page = open();
  for (const [module, message] of [
    [answer.slice(0, 30), /offset/],
    [Uint8Array.of(), /offset/],
    ['(module (func (export "main") (result i32) i64.const 1))', /type mismatch.*offset/],
    ['(module', /expected/],
    ['(module)', /no export `main`/],
    ['(module (memory (export "main") 1))', /not a function/],
    ['(module (func (export "main") unreachable))', /unreachable/],
    ['(module (func $f (export "main") (call $f)))', /call stack exhausted/],
    ['(module (import "a" "b" (func $f)) (func (export "main") (call $f)))', /`a` `b`/],
  ]) {
    assert.ok(Number.isNaN(page.run(module)));
    assert.match(page.messages.pop(), message);
    assert.equal(page.run(answer), 42);
  }
});

test('pointers that malloc has not given are errors', () => {
  const page = open();
  for (const [at, bytes] of [[0, 8], [-1, 8], [1 << 20, 1 << 30], [page.put(answer)[0], 1000]]) {
    assert.ok(Number.isNaN(page.exports.run(at, bytes)));
    assert.match(page.messages.pop(), /not within what `malloc` has given/);
  }
  assert.equal(page.exports.malloc(-1), 0);
  assert.equal(page.run(answer), 42);
});

test('values keep their types', () => {
  const page = open();
  const { exports, imports } = page.load(`(module
    (func (export "all") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
      local.get 3 local.get 2 local.get 1 local.get 0))`);
  assert.deepEqual(imports, []);
  assert.deepEqual(exports[0].params, ['i32', 'i64', 'f32', 'f64']);
  const args = ['-1', '9223372036854775807', '0.1', 'nan:0x1'];
  const { results } = page.request({ do: 'call', export: 'all', args });
  assert.deepEqual(results.map((result) => result.value), args.toReversed());
});

test('imports are functions of JavaScript', () => {
  const calls = [];
  const page = open({
    host_call(number, params, results, memory, bytes) {
      const view = new DataView(page.exports.memory.buffer);
      calls.push([number, view.getInt32(params, true), view.getFloat64(params + 8, true)]);
      view.setBigInt64(results, -5n, true);
      new Uint8Array(page.exports.memory.buffer, memory, bytes)[7] = 9;
      if (calls.length < 2) return 0;
      page.exports.fail(...page.put('no more'));
      return 1;
    },
  });
  page.load(`(module
    (import "page" "unused" (func))
    (import "page" "ask" (func $ask (param i32 f64) (result i64)))
    (memory (export "memory") 1)
    (func (export "f") (result i64 i32) (call $ask (i32.const -3) (f64.const 1.5)) (i32.load8_u (i32.const 7))))`);
  const call = () => page.request({ do: 'call', export: 'f', args: [] });
  assert.deepEqual(call().results.map((result) => result.value), ['-5', '9']);
  assert.deepEqual(calls, [[1, -3, 1.5]]);
  assert.equal(call().error.message, 'no more');
});

test('nothing else can be asked for while the page carries out a call', () => {
  let inner;
  const page = open({ host_call: () => ((inner = page.exports.request(...page.put('{"do":"instantiate"}'))), 0) });
  page.load('(module (import "a" "b" (func $f)) (func (export "f") (call $f)))');
  assert.deepEqual(page.request({ do: 'call', export: 'f', args: [] }).results, []);
  assert.equal(inner, 0);
});

test('output is captured', () => {
  const page = open();
  page.load(example('hello.wat'));
  assert.equal(page.request({ do: 'call', export: '_start', args: [] }).stdout, 'Hello, World!\n');
});

test('what is no request is an error', () => {
  const page = open();
  for (const request of [{}, { do: 'nothing' }, { do: 'call', export: 1 }, 5]) {
    assert.match(page.request(request).error.message, /request|no module/);
  }
});
