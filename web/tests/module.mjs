// The page's module in Node, with the few lines of JavaScript that any page needs.
import { readFileSync } from 'node:fs';

export const root = new URL('../../', import.meta.url);
export const wasm = readFileSync(new URL('web/page/wapiti.wasm', root));
export const compiled = new WebAssembly.Module(wasm);

/** An instance; `imports` replaces some of its imports. */
export function open(imports = {}) {
  const messages = [];
  const own = { log: (at, bytes) => messages.push(text(at, bytes)), host_call: () => 0, now: () => 0, ...imports };
  const exports = new WebAssembly.Instance(compiled, { wapiti: own }).exports;

  // Views are made anew each time, because any call may grow the memory.
  const text = (at, bytes) => new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, bytes));
  const put = (contents) => {
    const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
    const at = exports.malloc(bytes.length);
    new Uint8Array(exports.memory.buffer).set(bytes, at);
    return [at, bytes.length];
  };
  const give = (name, contents) => {
    const [at, bytes] = put(contents);
    const result = exports[name](at, bytes);
    exports.free(at);
    return result;
  };
  const reply = () => JSON.parse(text(exports.reply(), exports.reply_len()));
  return {
    exports,
    messages,
    put,
    run: (module) => give('run', module),
    load: (module) => (give('load', module), reply()),
    request: (request) => (give('request', JSON.stringify(request)), reply()),
  };
}

/** An example of the repository's. */
export const example = (name) => readFileSync(new URL(`examples/${name}`, root));
