// The official test suite within WebAssembly, in Node: WAPITI_SPEC is web/examples/spec.rs, compiled.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const module = new WebAssembly.Module(readFileSync(process.env.WAPITI_SPEC));

test('the files for WebAssembly 1.0 and 2.0 pass', () => {
  const messages = [];
  const log = (at, bytes) => messages.push(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, bytes)));
  const { exports } = new WebAssembly.Instance(module, { wapiti: { log, host_call: () => 0, now: () => 0 } });
  let assertions = 0;
  const failed = [];
  for (let file = 0; file < exports.count(); file++) {
    const passed = exports.run_file(file);
    if (passed < 0) failed.push(messages.splice(0).join('\n'));
    else assertions += passed;
  }
  console.log(`${exports.count()} files, ${assertions} assertions passed`);
  assert.deepEqual(failed, []);
  assert.ok(assertions > 20_000, 'the suite has been found');
});
