// One long file, so that the page is built and the browser started once.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabError } from '../../clusters/cluster.ts';
import { fakeScenario, shelfOf } from '../../server/fake/fake-scenario.ts';
import { startFakeServer } from '../../server/fake/fake-server.ts';
import { buildPage, hasChromium, openBrowser } from './browser.ts';
import { Learner } from './learner.ts';

describe.skipIf(!hasChromium)('the page, in /usr/bin/chromium (skipped where there is none)', () => {
  let directory: string;
  let browser: Browser;
  let shared: Awaited<ReturnType<typeof startFakeServer>>;
  /** What a check of the lab waits for; each test may put its own here. */
  let beforeResult = async () => {};

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'breachlab-page-'));
    [browser, shared] = await Promise.all([openBrowser(), startServer(), buildPage(directory)]);
  });

  afterAll(async () => {
    await browser?.close();
    await shared?.server.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  const startServer = () =>
    startFakeServer({ webDirectory: directory, shelf: shelfOf(fakeScenario(() => beforeResult())) });

  /** A learner who opens the URL that the server prints, in a browser that was never there before. */
  async function setUp({ server }: Pick<typeof shared, 'server'> = shared) {
    beforeResult = async () => {};
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(30_000);
    const learner = await Learner.arrive(context, server.url);
    return { learner, [Symbol.asyncDispose]: () => context.close() };
  }

  test('starts a lab, types in its terminal, and finds the shell again after a reload', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    await learner.startLab();
    expect(new URL(learner.page.url()).pathname).toMatch(/^\/labs\/[a-z0-9]{10}$/);
    await learner.types('echo before-the-reload');
    await learner.seesInTerminal(/\$ echo before-the-reload\s*before-the-reload/);
    const shell = await learner.terminal.getAttribute('data-terminal');

    await learner.page.reload();
    await learner.seesInTerminal('before-the-reload');
    expect(await learner.terminal.getAttribute('data-terminal')).toBe(shell);
    await learner.types('echo after-it');
    await learner.seesInTerminal(/\$ echo after-it\s*after-it/);
    expect(learner.complaints).toEqual([]);
  });

  test('shows verdicts as they stream in, with evidence and a hint on demand, and the score', async () => {
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    let next = 0;
    await using scene = await setUp();
    const { learner } = scene;
    beforeResult = async () => gates[next++]?.promise;
    await learner.startLab();
    await learner.press('Check all');
    await learner.sees('Stop at 0 of 4');
    gates[0]?.resolve();
    await learner.seesVerdict('walls', 'check', 'fail');
    await learner.seesVerdict('walls', 'guard', 'checking');
    await learner.sees('/fixed is absent');
    await learner.sees('There is no file /fixed.');
    const hint = learner.page.locator('[data-task=walls] [data-check=check]').getByText('Type fix.');
    expect(await hint.isVisible()).toBe(false);
    await learner.press('Hint');
    await hint.waitFor();
    for (const gate of gates) gate.resolve();
    await learner.seesScore('0 of 20');
    await learner.page.locator('[data-summary]').filter({ hasText: '4 checked: 2 passed, 2 failed.' }).waitFor();

    await learner.types('fix');
    await learner.press('Check this task');
    await learner.seesVerdict('walls', 'check', 'pass');
    await learner.seesScore('10 of 20');
    await learner.seesVerdict('doors', 'check', 'fail');
    await learner.page.reload();
    await learner.seesScore('10 of 20');
    expect(await learner.page.locator('[data-solved]').count()).toBe(0);
    await learner.press('Check all');
    await learner.sees('All solved: 20 of 20 points.');
    expect(learner.complaints).toEqual([]);
  });

  test('asks before a reset, then starts over with new shells and no results', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    await learner.startLab();
    await learner.types('echo of-the-old-lab');
    await learner.seesInTerminal(/\$ echo of-the-old-lab\s*of-the-old-lab/);
    await learner.press('Check all');
    await learner.seesVerdict('walls', 'check', 'fail');
    const shell = await learner.terminal.getAttribute('data-terminal');

    await learner.press('Reset');
    await learner.press('Keep it');
    await learner.page.getByRole('dialog').waitFor({ state: 'hidden' });
    await learner.seesVerdict('walls', 'check', 'fail');
    await learner.press('Reset');
    await learner.press('Reset lab');
    await learner.seesVerdict('walls', 'check', 'unchecked');
    await learner.page.locator(`[data-terminal=${shell}]`).waitFor({ state: 'detached' });
    await learner.seesInTerminal(/^\$\s*$/);
    expect(learner.complaints).toEqual([]);
  });

  test('pastes 10 MB whole, and keys beyond the basic plane as UTF-8', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    await learner.startLab();
    const keys = '🔑ü';
    await learner.types(`take ${Buffer.byteLength(keys)}`);
    await learner.page.keyboard.insertText(keys);
    await learner.seesInTerminal(createHash('sha256').update(keys).digest('hex'));

    const paste = 'apiVersion: v1 # 0123456789 abcdefghijklmnopqrstuvwxyz\r'.repeat(200_000).slice(0, 10_000_000);
    await learner.types(`take ${paste.length}`);
    await learner.pastes(paste);
    await learner.seesInTerminal(createHash('sha256').update(paste).digest('hex'));
    // What the browser itself would have done with the paste must not have happened.
    expect(await learner.terminal.locator('textarea').inputValue()).not.toContain('apiVersion');
  });

  test('stays alive under a flood of output', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    await learner.startLab();
    await learner.types('flood 8000000');
    await learner.press(/The cluster/);
    await learner.seesVerdict('doors', 'check', 'unchecked');
    await learner.seesInTerminal('flood is over');
    await learner.types('echo alive');
    await learner.seesInTerminal(/\$ echo alive\s*alive/);
    expect(learner.complaints).toEqual([]);
  });

  test('finds what has scrolled away, and goes back to the shell', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    const { page } = learner;
    await learner.startLab();
    await learner.types('echo a-needle');
    await learner.types('flood 200000');
    await learner.seesInTerminal('flood is over');
    await page.keyboard.press('Control+Shift+F');
    await page.keyboard.type('A-Needle');
    await learner.seesInTerminal('a-needle');
    await page.keyboard.type('s');
    await learner.sees('Not found');
    await page.keyboard.press('Escape');
    await page.keyboard.type('echo back');
    await page.keyboard.press('Enter');
    await learner.seesInTerminal(/\$ echo back\s*back/);
    expect(learner.complaints).toEqual([]);
  });

  test('opens more shells on a host, marks output that was not seen, and ends a shell with its tab', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    const { page } = learner;
    await learner.startLab();
    await learner.press('New terminal');
    await page.getByRole('menuitem', { name: 'workstation' }).click();
    await page.getByRole('tab', { name: 'workstation 2', selected: true }).waitFor();
    await learner.seesInTerminal('$');
    // A tab that is clicked is there to be typed into.
    await page.getByRole('tab', { name: 'controlplane' }).click();
    await learner.seesInTerminal('$');
    await page.keyboard.type('echo at-once');
    await page.keyboard.press('Enter');
    await learner.seesInTerminal(/\$ echo at-once\s*at-once/);
    // A second window on the same lab shows the same shells: what is typed there is output here.
    const other = await Learner.arrive(page.context(), page.url());
    await other.page.getByRole('tab', { name: 'workstation 2' }).click();
    await other.types('echo unseen');
    await page.bringToFront();
    await page.getByRole('tab', { name: 'workstation 2 new output' }).click();
    await learner.seesInTerminal(/\$ echo unseen\s*unseen/);
    await page.getByLabel('new output').waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'controlplane' }).click();
    await page.getByTitle('Close workstation 2 and end its shell').click();
    await page.getByRole('tab', { name: 'workstation', exact: true }).waitFor();
    await learner.types('exit 7');
    await learner.seesInTerminal('The shell has ended with status 7. Press Enter to start a new shell.');
    await page.keyboard.press('Enter');
    await learner.seesInTerminal(/\$\s*$/);
    await learner.types('echo again');
    await learner.seesInTerminal(/\$ echo again\s*again/);
    expect(learner.complaints).toEqual([]);
  });

  test('can be used with the keyboard alone: into the terminal and out again', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    const { page } = learner;
    await learner.startLab();
    await page.keyboard.press('Control+Alt+t');
    await page.keyboard.type('size');
    await page.keyboard.press('Enter');
    await learner.seesInTerminal(/\d+ columns \d+ rows/);
    await page.keyboard.press('Control+Alt+j');
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Tasks');
    await page.keyboard.press('Control+Alt+2');
    await page.getByRole('tab', { name: 'controlplane', selected: true }).waitFor();
    await page.keyboard.press('Control+Alt+/');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+Alt+Enter');
    await learner.seesVerdict('walls', 'check', 'fail');
    const reset = page.getByRole('button', { name: 'Reset', exact: true });
    await reset.press('Enter');
    await page.getByRole('button', { name: 'Reset lab' }).press('Enter');
    await learner.seesVerdict('walls', 'check', 'unchecked');
    expect(await reset.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(learner.complaints).toEqual([]);
  });

  test('copies and pastes with the keys of the exam and with the right button', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    const { page } = learner;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await learner.startLab();
    await learner.types('echo copy-me');
    await learner.seesInTerminal(/\$ echo copy-me\s*copy-me/);
    const line = learner.terminal.locator('.xterm-rows > div').nth(1);
    await line.click({ clickCount: 3, position: { x: 20, y: 8 }, force: true });
    await page.keyboard.press('Control+Shift+C');
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith('copy-me'));

    const clipboard = (text: string) => page.evaluate(async (text) => navigator.clipboard.writeText(text), text);
    await clipboard('echo by-right-click');
    await page.keyboard.press('x'); // typing ends the selection
    await page.keyboard.press('Control+C');
    await learner.terminal.locator('.xterm').click({ button: 'right' });
    await learner.seesInTerminal(/\$ echo by-right-click/);
    await page.keyboard.press('Enter');
    await learner.seesInTerminal(/\$ echo by-right-click\s*by-right-click/);
    await clipboard('echo by-keys');
    await page.keyboard.press('Control+Shift+V');
    await page.keyboard.press('Enter');
    await learner.seesInTerminal(/\$ echo by-keys\s*by-keys/);

    await learner.types('take 1');
    await page.keyboard.press('Control+Alt+w');
    await learner.seesInTerminal(createHash('sha256').update('\x17').digest('hex'));
    expect(learner.complaints).toEqual([]);
  });

  test('lets a program put text on the clipboard, and never read it', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    const { page } = learner;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await learner.startLab();
    const write = `\x1b]52;c;${Buffer.from('from the lab').toString('base64')}\x07`;
    await learner.types(`mirror ${write.length}`);
    await learner.pastes(write);
    await page.waitForFunction(async () => (await navigator.clipboard.readText()) === 'from the lab');
    // An answer to the question would be typed into the shell.
    const ask = '\x1b]52;c;?\x07';
    await learner.types(`mirror ${ask.length}`);
    await learner.pastes(ask);
    await learner.types('echo nothing-else');
    await learner.seesInTerminal(/\$ echo nothing-else\s*nothing-else/);
    expect(learner.complaints).toEqual([]);
  });

  test('tells the shell its new size when the split is moved, and remembers the split', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    const { page } = learner;
    await learner.startLab();
    const columns = async (name: string) => {
      await learner.types(`echo ${name}`);
      await learner.types('size');
      const rows = learner.terminal.locator('.xterm-rows').filter({ hasText: new RegExp(`${name}.*rows`, 's') });
      const text = (await rows.textContent()) ?? '';
      return Number(/(\d+) columns/.exec(text.slice(text.lastIndexOf(name)))?.[1]);
    };
    const before = await columns('before');
    const handle = page.getByRole('separator', { name: 'Width of the tasks' });
    await handle.press('End');
    await page.locator('[role=separator][aria-valuenow="70"]').waitFor();
    await page.reload();
    await learner.seesInTerminal('$');
    expect(await handle.getAttribute('aria-valuenow')).toBe('70');
    expect(await columns('after')).toBeLessThan(before * 0.7);
  });

  test('says what a lab is waiting for, why one failed, and tries again', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    const { backend } = shared;
    const gate = Promise.withResolvers<void>();
    backend.beforeCreate = async () => gate.promise;
    await learner.press('Start lab');
    await learner.sees('filling the memory');
    gate.reject(new LabError('There is no room for a lab.', 'Delete another one.'));
    await learner.sees('There is no room for a lab.');
    await learner.sees('Delete another one.');
    backend.beforeCreate = async () => {};
    await learner.press('Try again');
    await learner.seesInTerminal('$');
    expect(learner.complaints).toEqual([]);
  });

  test('says that the server is gone, and goes on by itself when it is back', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    await learner.startLab();
    const starting = { type: 'about:blank', title: 'Unavailable', status: 503, detail: 'The server is starting.' };
    await learner.page.route('**/api/labs/*', (route) => route.fulfill({ status: 503, json: starting }));
    await learner.sees('The server is starting.');
    await learner.page.route('**/api/labs/*', (route) => route.abort());
    await learner.sees('The server does not answer.');
    expect(await learner.page.getByText('The server is starting.').count()).toBe(0);
    await learner.page.unroute('**/api/labs/*');
    await learner.seesNoMore('The server does not answer.');
    await learner.types('echo back');
    await learner.seesInTerminal(/\$ echo back\s*back/);
    expect(await learner.page.getByRole('button', { name: 'Check all' }).isEnabled()).toBe(true);
  });

  test('says that a check was cut off with the server, once that is back', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    await learner.startLab();
    await learner.page.route('**/api/labs/**', (route) => route.abort());
    await learner.press('Check all');
    await learner.sees('The server does not answer.');
    await learner.seesNoMore('The check was cut off');
    await learner.page.unroute('**/api/labs/**');
    await learner.sees('The check was cut off');
    await learner.press('Check all');
    await learner.seesVerdict('walls', 'check', 'fail');
    expect(await learner.page.getByText('The check was cut off').count()).toBe(0);
  });

  test('says of a lab that was deleted in another window that it is over, and leads back to the list', async () => {
    await using scene = await setUp();
    const { learner } = scene;
    await learner.startLab();
    await learner.page.evaluate(async () =>
      fetch(location.pathname.replace('/labs', '/api/labs'), { method: 'DELETE' }),
    );
    await learner.sees('This lab is over');
    await learner.page.getByRole('link', { name: 'All scenarios' }).click();
    await learner.page.getByRole('heading', { name: 'Scenarios' }).waitFor();
    expect(new URL(learner.page.url()).pathname).toBe('/');
  });

  test('offers to continue the one lab that runs, and shows one pane at a time where it is narrow', async () => {
    await using own = (await startServer()).server;
    await using scene = await setUp({ server: own });
    const { learner } = scene;
    const { page } = learner;
    await learner.startLab();
    await page.goto(own.origin);
    await page.getByRole('button', { name: 'Continue A small breach' }).waitFor();
    await page.setViewportSize({ width: 280, height: 600 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(280);
    await learner.press('Continue A small breach');
    await page.setViewportSize({ width: 1440, height: 900 });
    await learner.seesInTerminal('$');
    await page.setViewportSize({ width: 760, height: 900 });
    await learner.terminal.waitFor({ state: 'hidden' });
    await learner.press('Terminal');
    await learner.types('echo narrow');
    await learner.seesInTerminal(/\$ echo narrow\s*narrow/);
    await page.getByRole('main', { name: 'Tasks' }).waitFor({ state: 'hidden' });
    expect(learner.complaints).toEqual([]);
  });

  test('refuses a stranger without the token, in words', async () => {
    const context = await browser.newContext();
    const stranger = await Learner.arrive(context, shared.server.origin);
    await stranger.sees('Open the URL that the server printed when it started.');
    expect(await stranger.page.getByRole('button', { name: 'Start lab' }).count()).toBe(0);
    await context.close();
  });
});
