// Builds MoonBit programs as modules with garbage collection:
//
//   node build.js OUT NAME...
//
// writes OUT/NAME.wasm from NAME.mbt, which exports `run`. The compiler and the sources of its standard library are those
// in the package of MoonBit's web editor. It has the library compiled for JavaScript only, so it is compiled here first.
const fs = require('node:fs');
const path = require('node:path');

const EDITOR = path.join(__dirname, 'node_modules', '@moonbit', 'moonpad-monaco', 'dist');
const TARGET = 'wasm-gc';

/// Calls the compiler, which is made to run in a worker and to answer messages there. It keeps state from one call to the
/// next, so each call has a compiler of its own. It is not to see that it runs in Node.js: else it prints warnings, which
/// it answers as well.
const compiler = new Function('globalThis', 'console', fs.readFileSync(path.join(EDITOR, 'moonc-worker.js'), 'utf8'));
function call(method, parameters) {
  return new Promise((resolve, reject) => {
    const console = { log() {}, warn() {}, error() {} };
    let receive;
    const worker = Object.assign(Object.create(globalThis, { process: { value: undefined } }), {
      console,
      addEventListener: (kind, listener) => kind === 'message' && (receive = listener),
      postMessage: ({ name, value }) => (name === 'throw' ? reject(value.value) : resolve(value)),
    });
    compiler(worker, console);
    const argumentList = [{ type: 'RAW', value: parameters }];
    receive({ origin: '', data: { id: method, type: 'APPLY', path: [method], argumentList } });
  });
}

/// The files that the editor carries, by path. They are literals in base64, each in a variable, and a table of these.
function embeddedFiles() {
  const source = fs.readFileSync(path.join(EDITOR, 'moonpad-monaco.js'), 'utf8');
  const literals = new Map();
  const literal = /(?<![\w$])([\w$]{1,8}) = (?:\/\* @__PURE__ \*\/ )?[\w$]+\("([A-Za-z0-9+/=]*)"\)/g;
  for (const [, variable, text] of source.matchAll(literal)) {
    literals.set(variable, text);
  }
  const files = new Map();
  for (const [, name, variable] of source.matchAll(/\b\w\["(\/lib\/core\/[^"]*)"\] = ([\w$]+);/g)) {
    files.set(name, Buffer.from(literals.get(variable), 'base64').toString());
  }
  return files;
}

/// Compiles the library's packages in the order of their imports: the interface and the code of each, by its name.
async function compileLibrary() {
  const files = embeddedFiles();
  const listed = JSON.parse(files.get('/lib/core/_build/packages.json')).packages;
  const packages = new Map(listed.map(each => [each.rel, each]));
  const built = new Map();
  const reached = new Map();
  const prefix = 'moonbitlang/core/';
  const compile = async name => {
    if (built.has(name)) return;
    const { deps, files: sources } = packages.get(name);
    const aliases = new Map(deps.map(each => [each.path.slice(prefix.length), each.alias]));
    for (const each of [...aliases.keys()]) {
      await compile(each);
      // Also what is imported indirectly, whose methods may be called.
      for (const other of reached.get(each)) if (!aliases.has(other)) aliases.set(other, other);
    }
    reached.set(name, [...aliases.keys()]);
    const texts = Object.entries(sources)
      .filter(([, { backend, optlevel }]) => backend.includes('WasmGC') && optlevel.includes('Release'))
      .map(([file]) => [file, files.get(file.slice(file.indexOf('/')))]);
    built.set(name, await build({
      mbtFiles: texts,
      miFiles: [...aliases].map(([each, alias]) => [`/lib/core/${each}:${alias}`, built.get(each).mi]),
      pkg: prefix + name,
      pkgSources: ['moonbitlang/core:moonbit-core:/lib/core'],
    }));
  };
  for (const { rel } of listed) await compile(rel);
  return built;
}

async function build(parameters) {
  const built = await call('buildPackage', {
    miFiles: [],
    indirectImportMiFiles: [],
    stdMiFiles: [],
    target: TARGET,
    isMain: false,
    errorFormat: 'json',
    enableValueTracing: false,
    noOpt: false,
    ...parameters,
  });
  if (!built.core || !built.mi) {
    const errors = built.diagnostics.map(each => JSON.parse(each)).filter(each => each.level === 'error');
    throw new Error(errors.map(each => `${each.path}:${each.loc}: ${each.message}`).join('\n'));
  }
  return built;
}

async function compileProgram(library, source, target) {
  const pkgSources = ['moonbitlang/core:moonbit-core:/lib/core', 'training/main:training:/'];
  const program = await build({
    mbtFiles: [[path.basename(source), fs.readFileSync(source, 'utf8')]],
    stdMiFiles: [...library].map(([name, { mi }]) => [`/lib/core/${name}:${name}`, mi]),
    pkg: 'training/main',
    pkgSources,
  });
  const { result } = await call('linkCore', {
    coreFiles: [...[...library.values()].map(each => each.core), program.core],
    main: 'training/main',
    pkgSources,
    target: TARGET,
    exportedFunctions: ['run'],
    outputFormat: 'wasm',
    testMode: false,
    debug: false,
    noOpt: false,
    sourceMap: false,
    sources: {},
    stopOnMain: false,
  });
  fs.writeFileSync(target, result);
}

async function main([out, ...names]) {
  const library = await compileLibrary();
  for (const name of names) {
    await compileProgram(library, path.join(__dirname, name + '.mbt'), path.join(out, name + '.wasm'));
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exit(1);
});
