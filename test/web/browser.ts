import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const ROOT = join(import.meta.dirname, '../..');
const CHROMIUM = '/usr/bin/chromium';

/** Whether this machine has Debian's Chromium; without it the journeys of the page are skipped. */
export const hasChromium = existsSync(CHROMIUM);

/** Starts a browser that talks to nobody but the page it is told to open. */
export async function openBrowser(): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];
  return chromium.launch({
    executablePath: CHROMIUM,
    // No sandbox: tests also run as root in a container, and open only our own page.
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet],
  });
}

/** Builds the page as it is shipped into a directory. Rejects with what the build printed. */
export async function buildPage(directory: string): Promise<void> {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const argv = [vite, 'build', '--config', 'web/vite.config.ts', '--outDir', directory, '--emptyOutDir'];
  await promisify(execFile)(process.execPath, argv, { cwd: ROOT, env: { ...process.env, NODE_ENV: 'production' } });
}
