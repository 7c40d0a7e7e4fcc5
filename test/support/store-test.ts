// `test` with a store of the test's own, used in process, and by the command line where that matters. Afterwards nothing half-made may
// lie in it.

import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { openStore, type Store } from '../../src/platform/store.js'
import { removeTree } from '../../src/storage/trash.js'
import { isLichen, isRoot } from './facts.js'
import { type Lichen, openLichen } from './lichen.js'

export interface StoreBench {
  readonly store: Store
  /** The command line, on the same store. */
  readonly lichen: Lichen
  /** A scratch directory outside the store. */
  readonly directory: string
  /** Writes a file into it and returns its path. */
  write(name: string, bytes: Buffer | string): string
}

export const test = base.extend<{ readonly bench: StoreBench }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from this pattern
  bench: async ({}, use) => {
    const directory = mkdtempSync(join(tmpdir(), 'lichen-store-'))
    chmodSync(directory, 0o755)
    const store = openStore({ root: join(directory, 'root'), runroot: join(directory, 'run') })
    const write = (name: string, bytes: Buffer | string) => {
      const file = join(directory, name)
      writeFileSync(file, bytes)
      return file
    }
    try {
      await use({ store, lichen: openLichen(directory), directory, write })
      expect({ staging: readdirSync(store.paths.staging), trash: readdirSync(store.paths.trash) }).toEqual({
        staging: [],
        trash: [],
      })
    } finally {
      for (const tree of [store.paths.layers, store.paths.containers, store.paths.volumes, store.paths.staging])
        await removeTree(store, tree)
      rmSync(directory, { recursive: true, force: true })
    }
  },
})

export const rootTest = isRoot && isLichen ? test : noTest
function noTest(..._unused: unknown[]): void {}

/** Every file and directory of a store, but for the contents of layers: what must not have changed when a verb failed. */
export function storeFiles(store: Store): string[] {
  const inside = [store.paths.blobs, store.paths.layers, store.paths.containers, store.paths.staging, store.paths.trash]
  return inside.flatMap((dir) => readdirSync(dir).map((name) => join(dir, name)))
}
