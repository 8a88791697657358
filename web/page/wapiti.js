// The few lines between JavaScript and wapiti.wasm: bytes go in through malloc, JSON comes out through reply.
export async function open(url, hostCall) {
  let exports;
  const text = (at, bytes) => new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, bytes));
  const put = (contents) => {
    const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
    const at = exports.malloc(bytes.length);
    if (at === 0) throw new Error(`there is no room for ${bytes.length} bytes`);
    // Made anew each time, because any call may have grown the memory.
    new Uint8Array(exports.memory.buffer).set(bytes, at);
    return [at, bytes.length];
  };
  const wapiti = {
    log: (at, bytes) => console.log(text(at, bytes)),
    now: () => Date.now(),
    host_call(number, params, results) {
      try {
        hostCall(number, new DataView(exports.memory.buffer), params, results);
        return 0;
      } catch (error) {
        exports.fail(...put(String(error.message ?? error)));
        return 1;
      }
    },
  };
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}; run web/build`);
  ({ exports } = (await WebAssembly.instantiate(await response.arrayBuffer(), { wapiti })).instance);

  const ask = (name, contents) => {
    const [at, bytes] = put(contents);
    try {
      const length = exports[name](at, bytes);
      return JSON.parse(text(exports.reply(), length));
    } finally {
      exports.free(at);
    }
  };
  return { load: (module) => ask('load', module), request: (request) => ask('request', JSON.stringify(request)) };
}
