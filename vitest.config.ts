import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';

export default defineConfig({
  test: {
    include: ['{protocol,clusters,grader,server,cli,web,test,bench,docs}/**/*.test.{ts,tsx}'],
    environment: 'node',
    reporters: ['default', new ClosingLine()],
    pool: 'forks',
    maxWorkers: 2,
    // Landing runs on a machine that may be busy: there a test may be tried once more. Here a flake shows at once.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    testTimeout: 60_000, // a hang is a failure; no test measures time
    hookTimeout: 60_000,
  },
});
