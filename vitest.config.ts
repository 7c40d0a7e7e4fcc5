// Four kinds of tests: unit (pure, in process), monitor (the C program), integration (rooms against the real host),
// e2e (the command line). No retries, no module mocks. Nothing is written into the repository, which may be read-only.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** What only root can do (fill a disk of its own, trace a command) has a file of its own: the others' legs do not know it. */
const rootOnly = process.getuid?.() === 0 ? [] : ['**/*.root.test.ts']
const hostBound = { testTimeout: 60_000, hookTimeout: 60_000, globalSetup: ['test/support/prepare.ts'] }

export default defineConfig({
  cacheDir: join(tmpdir(), `lichen-vite-${process.getuid?.() ?? 0}`),
  test: {
    reporters: ['default', './test/support/totals-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    retry: 0,
    expect: { poll: { timeout: 20_000 } }, // a busy machine is no failure
    cache: false,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { extends: true, test: { name: 'monitor', include: ['test/monitor/**/*.test.ts'], ...hostBound } },
      { extends: true, test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...hostBound } },
      { extends: true, test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], exclude: rootOnly, ...hostBound } },
    ],
  },
})
