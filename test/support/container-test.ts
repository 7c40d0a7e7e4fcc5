// `test` with a `lichen` of the test's own: a fresh root with the image `box` in it. Afterwards every container is removed and
// nothing may be left: no mount, no process, no file, no cgroup.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from 'vitest'
import { isLichen, isRoot } from './facts.js'
import { imagePath } from './images.js'
import { expectNothingLeft, watchContainerIds } from './leftovers.js'
import { type Lichen, openLichen } from './lichen.js'

interface Fixtures {
  /** An engine with an empty store. */
  readonly bare: Lichen
  /** An engine whose store holds `box`, a busybox image without a default command. */
  readonly lichen: Lichen
}

type Use = (lichen: Lichen) => Promise<void>

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from this pattern
  bare: async ({}, use: Use) => {
    const directory = mkdtempSync(join(tmpdir(), 'lichen-'))
    // Root's tests let other users' processes reach files in here.
    chmodSync(directory, 0o755)
    const lichen = openLichen(directory)
    const { ids, stop } = watchContainerIds(lichen)
    try {
      await use(lichen)
      await lichen.ok('rm', '--all', '--force', '--time', '0')
      await expectNothingLeft(lichen, ids)
    } finally {
      stop()
      await removeStore(lichen)
    }
  },
  lichen: async ({ bare }: { bare: Lichen }, use: Use) => {
    await bare.ok('import', imagePath('box.tar'), 'box')
    await use(bare)
  },
})

/** Not registered, instead of skipped, where a test does not apply: another leg runs it. */
const noTest = Object.assign(() => {}, { skipIf: () => () => {} }) as unknown as typeof test
export const lichenTest = isLichen ? test : noTest
export const rootTest = isRoot ? test : noTest
export const userTest = isRoot ? noTest : test
/** Of lichen alone, on the legs where `isHere` holds: where it does not, there is nothing to test, which is no skip. */
export const lichenTestWhere = (isHere: boolean): typeof test => (isHere ? lichenTest : noTest)

/** Layers belong to subordinate users, so removing them is the engine's to do; root may remove anything. */
async function removeStore(lichen: Lichen): Promise<void> {
  if (!isRoot) await lichen('unshare', 'rm', '-rf', lichen.root, lichen.runRoot)
  rmSync(lichen.directory, { recursive: true, force: true })
}
