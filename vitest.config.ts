import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{protocol,clusters,grader,server,cli,web,test,bench}/**/*.test.{ts,tsx}'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000, // a hang is a failure; no test measures time
    hookTimeout: 60_000,
  },
});
