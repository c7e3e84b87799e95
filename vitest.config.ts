import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';

export default defineConfig({
  test: {
    include: ['{protocol,clusters,grader,server,cli,web,test,bench,docs}/**/*.test.{ts,tsx}'],
    environment: 'node',
    reporters: ['default', new ClosingLine()],
    pool: 'forks',
    maxWorkers: 2,
    // Three of a day's new tests with a real Docker were flaky until their causes were found. While such are new, landing tries a test once
    // more; here a flake shows at once.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    testTimeout: 60_000, // a hang is a failure; no test measures time
    hookTimeout: 60_000,
    // What has to come may take its time on a busy machine; where the time is the point, the test says how long.
    expect: { poll: { timeout: 20_000 } },
  },
});
