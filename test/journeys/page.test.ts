import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { hasChromium, openBrowser } from '../web/browser.ts';
import { Learner } from '../web/learner.ts';
import { CommandLine, PROJECT, type RunningCommand } from './command-line.ts';
import { takeScreenshot } from './screenshot.ts';

/**
 * The main job, for real: `breachlab up`, its URL in Chromium, commands typed in the terminal, checks that turn green.
 * `UPDATE_SCREENSHOTS=1 ./breachlab test test/journeys/page` writes the README's picture, docs/images/lab.png, on the way.
 */
const SCREENSHOT = process.env['UPDATE_SCREENSHOTS'] === '1' ? join(PROJECT, 'docs/images/lab.png') : undefined;
const skipped = hasChromium ? whyNot : ' (skipped: there is no /usr/bin/chromium)';

describe.skipIf(impossible || !hasChromium)(`a learner at the page of a breached cluster${skipped}`, () => {
  let line: CommandLine;
  let browser: Browser;
  let server: RunningCommand;
  let url: string;

  beforeAll(async () => {
    line = await CommandLine.open();
    server = line.start(['up', '--port', '0']);
    [browser, url] = await Promise.all([openBrowser(), server.says(/Open {2}(\S+)/).then(([, url = '']) => url)]);
  });

  afterAll(async () => {
    await browser?.close();
    await line[Symbol.asyncDispose]();
  });

  /** A browser that was never there, at the printed URL. */
  async function arrive() {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme: 'light',
      timezoneId: 'UTC',
    });
    context.setDefaultTimeout(60_000);
    const learner = await Learner.arrive(context, url);
    await learner.seesInTerminal(/workstation.*[#$]/);
    return { learner, [Symbol.asyncDispose]: () => context.close() };
  }

  test('looks around, fixes tasks by typing, sees what is still wrong, comes back and starts over', async () => {
    await using scene = await arrive();
    const { learner } = scene;
    const { page } = learner;

    await learner.types('kubectl get nodes');
    await learner.seesInTerminal(/controlplane\s+Ready\s+control-plane/);
    await learner.types('ssh node01 hostname --fqdn');
    await learner.seesInTerminal(/--fqdn\s*node01/);

    // A whole check of the untouched lab: every check is red, every guard green.
    await learner.press('Check all');
    await page.locator('[data-summary]').waitFor();
    await learner.seesScore(/^0 of \d+$/);
    await learner.seesVerdict('pod-security', 'privileged', 'fail');
    await learner.seesVerdict('pod-security', 'plain-pod', 'pass');

    // Container, wrong: warnings stop nobody.
    await learner.runs('kubectl label namespace shop pod-security.kubernetes.io/warn=baseline');
    await learner.seesInTerminal('namespace/shop labeled');
    await learner.checks('pod-security');
    await learner.sees('A privileged pod in shop is allowed.');
    await learner.seesVerdict('pod-security', 'privileged', 'fail');
    await learner.seesScore(/^0 of/);

    // Container, right.
    await learner.runs('kubectl label namespace shop pod-security.kubernetes.io/enforce=baseline');
    await learner.checks('pod-security');
    for (const check of ['privileged', 'host-disk', 'host-processes', 'deployer', 'plain-pod']) {
      await learner.seesVerdict('pod-security', check, 'pass');
    }
    await learner.seesScore(/^10 of/);

    // Cluster.
    await learner.runs('kubectl delete clusterrolebinding debug-anonymous');
    await learner.seesInTerminal('"debug-anonymous" deleted');
    await learner.checks('anonymous-api');
    await learner.seesVerdict('anonymous-api', 'reads-secrets', 'pass');
    await learner.seesVerdict('anonymous-api', 'makes-pods', 'pass');
    await learner.seesScore(/^20 of/);

    if (SCREENSHOT !== undefined) {
      await mkdir(join(SCREENSHOT, '..'), { recursive: true });
      await takeScreenshot(learner, SCREENSHOT);
    }

    // The tab is closed in the middle of something, and the shell goes on.
    await learner.types('clear; read -p "question $((6 * 7)): " answer; echo "answer: $answer"');
    await learner.seesInTerminal('question 42:');
    const address = page.url();
    const shell = await learner.terminal.getAttribute('data-terminal');
    await page.close();
    const back = await Learner.arrive(page.context(), address);
    await back.seesInTerminal('question 42:');
    expect(await back.terminal.getAttribute('data-terminal')).toBe(shell);
    await back.types('go on');
    await back.seesInTerminal('answer: go on');
    await back.seesScore(/^20 of/);

    // Everything back to the beginning.
    await back.press('Reset');
    await back.press('Reset lab');
    await back.seesVerdict('pod-security', 'privileged', 'unchecked');
    await back.page.locator(`[data-terminal=${shell}]`).waitFor({ state: 'detached' });
    await back.seesInTerminal(/workstation.*[#$]/);
    await back.types('kubectl get clusterrolebinding debug-anonymous -o name');
    await back.seesInTerminal('clusterrolebinding.rbac.authorization.k8s.io/debug-anonymous');
    await back.checks('pod-security');
    await back.seesVerdict('pod-security', 'privileged', 'fail');
    expect([...learner.complaints, ...back.complaints]).toEqual([]);
  }, 240_000);
});
