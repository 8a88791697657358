// The page in a real Chromium. Needs `playwright-core` where Node finds it, and a browser: CHROMIUM, or `chromium`.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(join(process.env.WAPITI_PLAYWRIGHT ?? root, 'index.js'));
const { chromium } = require('playwright-core');
const shots = process.env.WAPITI_SCREENSHOTS;

let server, browser, address;

before(async () => {
  server = spawn('cargo', ['run', '--quiet', '-p', 'wapiti-web', '--bin', 'serve', '--', '0'], { cwd: root, detached: true });
  server.stderr.pipe(process.stderr);
  address = await new Promise((resolve, reject) => {
    server.stdout.once('data', (line) => resolve(String(line).trim()));
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const executablePath = process.env.CHROMIUM ?? execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'];
  browser = await chromium.launch({ executablePath, args });
});

after(async () => {
  await browser?.close();
  // The server is a child of cargo's: the group has both.
  if (server?.pid) process.kill(-server.pid);
});

/** The page, loaded; what it requests from elsewhere, and what goes wrong in it, fails the test. */
async function open(t, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  page.on('pageerror', (error) => assert.fail(error));
  page.on('request', (request) => assert.ok(request.url().startsWith(address) || request.url().startsWith('data:'), request.url()));
  await page.goto(address);
  await page.waitForSelector('body[data-ready=yes]');
  return page;
}

const shows = (page, selector) => page.textContent(selector);
const choose = (page, example) => page.click(`#examples >> text="${example}"`);

async function shoot(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

test('every example does what it says', async (t) => {
  const page = await open(t);
  await page.click('#call button');
  assert.equal(await shows(page, '#result'), '42');
  await choose(page, 'fib');
  await page.click('#call button');
  assert.equal(await shows(page, '#result'), '75025');
  assert.match(await shows(page, '#time'), /s$/);
  assert.match(await shows(page, '#ops'), /^\d,\d{3},\d{3}$/);
  await choose(page, 'Hello, World!');
  await page.click('#call button');
  assert.equal(await shows(page, '#output'), 'Hello, World!\n');
  await choose(page, 'A loop');
  await page.click('#call button');
  assert.equal(await shows(page, '#result'), '385');
  await choose(page, 'A trap');
  await page.click('#call button');
  assert.match(await shows(page, '#result'), /trap: integer divide by zero\nat checked, byte 0x/);
  await choose(page, 'A host call');
  await page.click('#call button');
  assert.match(await shows(page, '#output'), /6\n.*4\n.*2\n/s);
});

test('a broken module shows its error with the place, and the next one runs', async (t) => {
  const page = await open(t);
  await page.fill('#source', '(module (func (export "f") (result i32) i64.const 1))');
  await page.waitForSelector('#error:not([hidden])');
  assert.match(await shows(page, '#error'), /type mismatch.*offset 0x/);
  const buffer = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5]);
  await page.setInputFiles('#file', { name: 'bad.wasm', mimeType: 'application/wasm', buffer });
  await page.waitForFunction(() => /0x/.test(document.querySelector('#error').textContent));
  await choose(page, '42');
  await page.click('#call button');
  assert.equal(await shows(page, '#result'), '42');
  assert.ok(await page.isHidden('#error'));
});

test('Step changes what is shown, and Back restores it exactly', async (t) => {
  const page = await open(t);
  await choose(page, 'A loop');
  const seen = async () => [await page.innerHTML('#state'), await page.$$eval('#code .now, #code .call', (rows) => rows.map((row) => `${row.className} ${row.dataset.op}`)), await shows(page, '#status')];
  await page.click('#forward');
  const states = [await seen()];
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('s');
    states.push(await seen());
    assert.notDeepEqual(states.at(-1), states.at(-2), `step ${i + 1}`);
  }
  for (let i = 30; i > 0; i--) {
    await page.keyboard.press('b');
    assert.deepEqual(await seen(), states[i - 1], `back to ${i - 1}`);
  }
  await page.keyboard.press('End');
  assert.equal(await shows(page, '#result'), '385');
  await page.keyboard.press('Home');
  assert.deepEqual(await seen(), states[0]);
});

test('the meaning of a byte is shown, by pointer and by keys', async (t) => {
  const page = await open(t);
  await page.hover('#hex [data-at="0"]');
  assert.match(await shows(page, '#meaning'), /this is WebAssembly/);
  // Focus scrolls, and what then lies under the pointer would be shown.
  await page.mouse.move(0, 0);
  await page.focus('#hex');
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
  assert.match(await shows(page, '#meaning'), /version 1/);
});

test('it fits a phone, in light and dark', async (t) => {
  for (const [name, options] of [
    ['light', {}], ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 844 } }],
    ['phone-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
  ]) {
    const page = await open(t, options);
    await choose(page, name.startsWith('phone') ? 'A loop' : 'fib');
    await page.click('#call button');
    await page.click('#forward');
    for (let i = 0; i < 14; i++) await page.click('#forward');
    await page.hover('#hex [data-at="40"]');
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= page.viewportSize().width, `${name}: ${width} pixels wide`);
    await shoot(page, name);
  }
});
