// `load` and `import` killed, out of disk space, or run twice at once: what is visible is whole, and the next command works.

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { tar } from '../../monitor/tar-writer.js'
import { dockerArchive, ociArchive } from '../../support/image-archive.js'
import type { Lichen } from '../../support/lichen.js'
import { runProcess } from '../../support/process.js'
import { rootTest, test } from '../../support/store-test.js'

/** Big enough that a process can be stopped in the middle of it. */
const layers = ['a', 'b', 'c'].map((top) =>
  tar(
    ...Array.from({ length: 400 }, (_, n) => ({ name: `${top}/${n % 20}/file-${n}`, data: Buffer.alloc(20_000, n) })),
  ),
)
const archives = {
  'oci.tar': ociArchive({ layers, names: ['big:1'] }),
  'docker.tar': dockerArchive({ layers, names: ['big:1'] }),
}

/** Everything visible is whole: every manifest's blobs are there, every layer says what it is. */
function expectWhole(root: string): void {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
  const blob = (digest: string) => `images/blobs/${digest.replace(':', '/')}`
  const index = existsSync(join(root, 'images/index.json')) ? read('images/index.json') : { manifests: [] }
  for (const { digest } of index.manifests) {
    const manifest = read(blob(digest))
    for (const part of [manifest.config, ...manifest.layers])
      expect(existsSync(join(root, blob(part.digest)))).toBe(true)
  }
  for (const name of readdirSync(join(root, 'layers'))) {
    expect(read(`layers/${name}/done`)).toMatchObject({ schema: 1, entries: 400, sizeBytes: 400 * 20_000 })
    expect(readdirSync(join(root, `layers/${name}/diff`))).toHaveLength(1)
  }
}

function leftHalfMade({ root }: Lichen): string[] {
  return ['staging', 'trash'].flatMap((dir) => readdirSync(join(root, dir)))
}

for (const [name, bytes] of Object.entries(archives)) {
  test(`load of ${name} leaves nothing half-made visible when it is killed at any moment`, async ({ bench }) => {
    const { lichen } = bench
    const file = bench.write(name, bytes)
    for (let delayMs = 20; delayMs <= 500; delayMs += 40) {
      const loading = lichen.start('load', '--input', file)
      setTimeout(() => loading.kill('SIGKILL'), delayMs)
      await loading.ended
      if (existsSync(join(lichen.root, 'layers'))) expectWhole(lichen.root)
    }
    await lichen.ok('load', '--input', file)
    expectWhole(lichen.root)
    expect(leftHalfMade(lichen)).toEqual([])
  })
}

test('four loads of the same image at once all succeed and leave one image', async ({ bench }) => {
  const { lichen } = bench
  const file = bench.write('oci.tar', archives['oci.tar'])
  mkdirSync(lichen.root, { recursive: true })
  const results = await Promise.all(Array.from({ length: 4 }, () => lichen('load', '--input', file)))
  expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: '' })))
  expectWhole(lichen.root)
  expect(readdirSync(join(lichen.root, 'layers'))).toHaveLength(3)
  expect(await lichen.ok('images', '--quiet')).toMatch(/^[0-9a-f]{12}$/)
  expect(leftHalfMade(lichen)).toEqual([])
})

test('loads and removals of the same image at once never leave an image without its blobs', async ({ bench }) => {
  const { lichen } = bench
  const file = bench.write('docker.tar', archives['docker.tar'])
  await lichen.ok('load', '--input', file)
  const removals = async () => {
    for (let n = 0; n < 4; n++) await lichen('rmi', '--ignore', 'big:1')
  }
  const loads = async () => {
    for (let n = 0; n < 3; n++) expect(await lichen('load', '--input', file)).toMatchObject({ code: 0, stderr: '' })
  }
  await Promise.all([removals(), loads()])
  expectWhole(lichen.root)
  await lichen.ok('load', '--input', file)
  expectWhole(lichen.root)
})

/** Runs a command line with `root` as a tmpfs of that size, and again without the bound. */
async function onSmallDisk(lichen: Lichen, sizeKiB: number, words: readonly string[]) {
  mkdirSync(lichen.root, { recursive: true })
  const script = [
    `mount -t tmpfs -o size=${sizeKiB}k,mode=700 tmpfs ${lichen.root}`,
    `"$@"; echo "code $?"`,
    `find ${lichen.root}/images/blobs ${lichen.root}/layers ${lichen.root}/staging ${lichen.root}/trash -mindepth 2 | head -n 3`,
    `mount -o remount,size=200m ${lichen.root}`,
    `"$@"; echo "code $?"`,
  ]
  return await runProcess(['unshare', '-m', 'sh', '-c', script.join('\n'), 'sh', ...lichen.argv, ...words])
}

for (const sizeKiB of [200, 1000, 9_000, 25_000, 30_000]) {
  rootTest(
    `load on a disk of ${sizeKiB} KiB says that it is full and leaves the store as it was`,
    async ({ bench }) => {
      const { lichen } = bench
      const file = bench.write('docker.tar', archives['docker.tar'])
      const { stdout, stderr } = await onSmallDisk(lichen, sizeKiB, ['load', '--input', file])
      expect(stdout).toBe('code 125\nLoaded image: docker.io/library/big:1\ncode 0\n')
      expect(stderr).toMatch(/^Error: (load|unpack|import): .*[Nn]o space left on device\nHint: free some space.*\n$/)
    },
  )

  rootTest(
    `import on a disk of ${sizeKiB} KiB says that it is full and leaves the store as it was`,
    async ({ bench }) => {
      const { lichen } = bench
      const big = tar(...Array.from({ length: 20 }, (_, n) => ({ name: `f${n}`, data: Buffer.alloc(1_000_000, n) })))
      const { stdout, stderr } = await onSmallDisk(lichen, sizeKiB, ['import', bench.write('a.tar', big), 'x'])
      expect(stdout).toMatch(/^code 125\nsha256:[0-9a-f]{64}\ncode 0\n$/)
      expect(stderr).toMatch(/^Error: (load|unpack|import): .*[Nn]o space left on device\nHint: free some space.*\n$/)
    },
  )
}
