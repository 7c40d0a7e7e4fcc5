// The house stands: imports follow the arrows, each package has one door, files stay readable. And the check can fail.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findOffences } from '../support/architecture.js'
import { repository } from '../support/facts.js'

function readSources(): ReadonlyMap<string, string> {
  const root = join(repository, 'src')
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile() && /\.[tch]s?$/.test(entry.name))
  return new Map(
    paths.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [relative(root, path), readFileSync(path, 'utf8')]
    }),
  )
}

test('the sources keep to the architecture', () => {
  const sources = readSources()
  expect(sources.size).toBeGreaterThan(50)
  expect(findOffences(sources)).toEqual([])
})

describe('findOffences names the offender when', () => {
  test.each([
    [
      'a workshop imports another',
      'images/pull.ts',
      "import { a } from '../storage/layers.js'",
      'images may not import storage',
    ],
    [
      'the command line reaches past the engine',
      'cli/x.ts',
      "import { a } from '../platform/paths.js'",
      'cli may not import platform',
    ],
    [
      'a type alone crosses',
      'state/x.ts',
      "import type { A } from '../runtime/monitor.js'",
      'state may not import runtime',
    ],
    ['an import is dynamic', 'engine/x.ts', "await import('../commands/run.js')", 'engine may not import commands'],
    ['an export re-exports', 'platform/x.ts', "export { a } from '../engine/run.js'", 'platform may not import engine'],
    ['the model imports Node', 'model/x.ts', "import { join } from 'node:path'", 'model imports nothing'],
    [
      'a package is used past its door',
      'engine/x.ts',
      "import { execa } from 'execa'",
      'its door is platform/process.ts',
    ],
    ['a package has no door', 'platform/x.ts', "import x from 'left-pad'", 'a package without a door'],
    [
      'a program is started elsewhere',
      'engine/x.ts',
      "import { spawn } from 'node:child_process'",
      'its door is platform/',
    ],
    [
      'the host is asked elsewhere',
      'state/x.ts',
      "import { homedir } from 'node:os'",
      'its door is platform/host-facts.ts',
    ],
    [
      'the environment is read elsewhere',
      'engine/x.ts',
      'const home = process.env.HOME',
      'engine/x.ts:1 reads process.env',
    ],
    ['it is read by a quoted name', 'cli/x.ts', "const home = process['env'].HOME", 'cli/x.ts:1 reads process.env'],
    [
      'another asks for the C program',
      'storage/x.ts',
      "import { monitorProgram } from '../platform/host-facts.js'",
      'C program',
    ],
    ['a room is new', 'magic/x.ts', "import { a } from '../model/errors.js'", 'magic is no room'],
    ['a file has no subject', 'engine/utils.ts', '', 'lives where its subject lives'],
    ['a barrel appears', 'engine/index.ts', '', 'no barrels'],
    ['a file is too long', 'monitor/x.c', '\n'.repeat(401), 'has 401 lines'],
  ])('%s', (_, path, text, message) => {
    const offences = findOffences(new Map([[path, text]]))
    expect(offences).toHaveLength(1)
    expect(offences[0]).toContain(path)
    expect(offences[0]).toContain(message)
  })
})

test('findOffences is content when a value of ours is called process', () => {
  const text = 'export function f(process: { env: string[] }) {\n  return () => process.env\n}\n'
  expect(findOffences(new Map([['runtime/x.ts', text]]))).toEqual([])
})
