// `test` with a home directory of the test's own, and the host's facts as somebody living there has them: no variable of ours is set.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test as base } from 'vitest'
import type { HostFacts } from '../../src/platform/host-facts.js'

export interface Home {
  readonly directory: string
  /** XDG_RUNTIME_DIR is `run` in the home. */
  facts(env?: Readonly<Record<string, string>>): HostFacts
  /** Below the home, with its directories; text as it is, anything else as JSON. Returns its path. */
  write(file: string, contents: string | object): string
}

export const test = base.extend<{ readonly home: Home }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from this pattern
  home: async ({}, use) => {
    const directory = mkdtempSync(join(tmpdir(), 'lichen-home-'))
    const runtime = join(directory, 'run')
    mkdirSync(runtime)
    try {
      await use({
        directory,
        facts: (env = {}) => ({
          ...{ uid: 1000, gid: 1000, userName: 'guest', home: directory, cwd: directory },
          ...{ hostname: 'host', kernelRelease: '6.1', env: { XDG_RUNTIME_DIR: runtime, ...env } },
        }),
        write: (file, contents) => {
          const path = join(directory, file)
          mkdirSync(dirname(path), { recursive: true })
          writeFileSync(path, typeof contents === 'string' ? contents : JSON.stringify(contents))
          return path
        },
      })
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
})
