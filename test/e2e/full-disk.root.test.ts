// A disk that is full to the last byte, where removing is the only thing that helps: every verb that removes works, also when the space held
// back for that was used up before. Real file systems on a disk of the test's own; ext4 needs a block even for an empty directory.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { rootTest } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import type { Lichen } from '../support/lichen.js'

interface Disk {
  readonly lichen: (...words: string[]) => Promise<string>
  readonly root: string
  /** Leaves not a byte. */
  readonly fill: () => void
}

async function withDisk(bare: Lichen, kind: 'tmpfs' | 'ext4', use: (disk: Disk) => Promise<void>): Promise<void> {
  const directory = join(bare.directory, 'disk')
  mkdirSync(directory)
  mount(bare, kind, directory)
  const root = join(directory, 'root')
  let fills = 0
  try {
    await use({
      root,
      lichen: (...words) => bare.ok('--root', root, '--runroot', join(directory, 'run'), ...words),
      fill: () => fillDisk(directory, fills++),
    })
  } finally {
    execFileSync('umount', ['--lazy', directory])
  }
}

function mount(bare: Lichen, kind: 'tmpfs' | 'ext4', directory: string): void {
  if (kind === 'tmpfs') return void execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', directory])
  const image = join(bare.directory, 'image')
  writeFileSync(image, '')
  truncateSync(image, 40 * 1024 * 1024)
  execFileSync('mkfs.ext4', ['-q', '-m', '0', '-F', image])
  execFileSync('mount', ['-o', 'loop', image, directory])
}

/** Large blocks, then the smallest, then directories: each needs another kind of space. */
function fillDisk(directory: string, round: number): void {
  const at = (name: string) => join(directory, `${name}-${round}`)
  for (const size of ['64k', '512']) spawnSync('dd', ['if=/dev/zero', `of=${at(size)}`, `bs=${size}`])
  spawnSync('sh', ['-c', 'i=0; while [ $i -lt 200 ] && mkdir "$0$i"; do i=$((i+1)); done', at('dir')])
  expect(spawnSync('dd', ['if=/dev/zero', `of=${at('more')}`, 'bs=1', 'count=1']).status).toBe(1)
}

async function load(lichen: Disk['lichen']): Promise<void> {
  await lichen('import', imagePath('box.tar'), 'one')
  await lichen('import', '--message', 'another', imagePath('box.tar'), 'two')
  await lichen('tag', 'two', 'three')
  await lichen('load', '--input', imagePath('layered.oci.tar'))
  for (const name of ['spare', 'other']) await lichen('volume', 'create', name)
  await lichen('secret', 'create', 'key', '/etc/passwd')
  for (const name of ['a', 'b']) await lichen('create', '--name', name, '--volume', 'data:/data', 'one', 'true')
}

const VERBS: readonly (readonly [readonly string[], RegExp])[] = [
  [['rmi', 'three'], /^Untagged: localhost\/three:latest$/],
  [['rm', 'a'], /^a$/],
  [['rmi', 'layered'], /^Untagged: localhost\/layered:latest\nDeleted: [0-9a-f]{64}$/],
  [['volume', 'rm', 'spare'], /^spare$/],
  [['volume', 'prune', '--all', '--force'], /^other$/],
  [['secret', 'rm', 'key'], /^[0-9a-f]{25}$/],
  [['image', 'prune', '--all', '--force'], /^[0-9a-f]{64}$/],
  [['system', 'check', '--quick'], /^No problems found/],
  [
    ['system', 'prune', '--all', '--volumes', '--force'],
    /^Deleted Containers\n[0-9a-f]{64}\nDeleted Volumes\ndata\nDeleted Images\n[0-9a-f]{64}\nTotal/,
  ],
]

for (const kind of ['tmpfs', 'ext4'] as const) {
  rootTest.skipIf(!isLichen || (kind === 'ext4' && !existsSync('/dev/loop-control')))(
    `everything that removes works on a full ${kind}, time after time`,
    async ({ bare }) => {
      await withDisk(bare, kind, async ({ lichen, fill, root }) => {
        await load(lichen)
        for (const [verb, answer] of VERBS) {
          fill()
          expect(await lichen(...verb), verb.join(' ')).toMatch(answer)
        }
        expect(readdirSync(join(root, 'layers'))).toEqual([])
        expect(readdirSync(join(root, 'images/blobs/sha256'))).toEqual([])
        expect(await lichen('system', 'check')).toMatch(/^No problems found/)
      })
    },
  )
}

rootTest.skipIf(!isLichen)(
  'volume create and secret create say that the disk is full, and leave nothing',
  async ({ bare }) => {
    await withDisk(bare, 'tmpfs', async ({ lichen, fill, root }) => {
      await lichen('import', imagePath('box.tar'), 'box')
      fill()
      const image = ['volume', 'create', '--driver', 'image', '--opt', 'image=box', 'v']
      for (const words of [['volume', 'create', 'v'], image, ['secret', 'create', 's', '/etc/passwd']]) {
        const { code, stderr } = await bare('--root', root, '--runroot', join(root, '../run'), ...words)
        expect(`${code} ${stderr}`, words.join(' ')).toMatch(
          /^125 Error: .*[Nn]o space left on device\nHint: free some space/,
        )
      }
      for (const place of ['volumes', 'secrets', 'staging', 'trash']) expect(readdirSync(join(root, place))).toEqual([])
    })
  },
)

rootTest.skipIf(!isLichen)(
  'rmi works on a full disk when nothing is held back, for an image with layers of its own',
  async ({ bare }) => {
    await withDisk(bare, 'tmpfs', async ({ lichen, fill, root }) => {
      await load(lichen)
      rmSync(join(root, 'cache/reserve'))
      fill()
      expect(await lichen('rmi', 'layered')).toMatch(/^Untagged/)
      // and what was freed is held back again
      expect(statSync(join(root, 'cache/reserve')).size).toBe(1024 * 1024)
      expect(await lichen('system', 'check')).toMatch(/^No problems found/)
    })
  },
)
