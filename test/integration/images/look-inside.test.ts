// What `diff` and `image mount` show of real images is what a container would see: the file tree that the kernel makes of their layers.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { diffImages } from '../../../src/engine/image-diff.js'
import { importImage } from '../../../src/engine/import.js'
import { loadImages } from '../../../src/engine/load.js'
import { compareTrees, stackLayers } from '../../../src/images/file-tree.js'
import { findImage, layerSources } from '../../../src/images/image-store.js'
import { readLayerEntries } from '../../../src/images/layer-entries.js'
import { BadInputError } from '../../../src/model/errors.js'
import { ensureLayers, layerMapping } from '../../../src/storage/layers.js'
import { removeTree } from '../../../src/storage/trash.js'
import { type TarEntry, tar } from '../../monitor/tar-writer.js'
import type { Tree } from '../../monitor/trees.js'
import { isRoot } from '../../support/facts.js'
import { dockerArchive, layer, ociArchive } from '../../support/image-archive.js'
import { hasImage, imagePath, type PreparedImage } from '../../support/images.js'
import { readOverlayTree } from '../../support/lichen-tree.js'
import { mustRun } from '../../support/process.js'
import { type StoreBench, test } from '../../support/store-test.js'

const snapshot = readFileSync(join(import.meta.dirname, '../../monitor/snapshot.py'))

async function withOverlayTree(
  { store, directory }: StoreBench,
  name: string,
  use: (tree: Tree) => Promise<void>,
): Promise<void> {
  const image = findImage(store.paths, name)
  const layers = await ensureLayers(store, layerSources(store.paths, image), layerMapping(store, undefined))
  try {
    await use(await readOverlayTree(store, layers, directory))
  } finally {
    for (const place of ['upper', 'work', 'merged']) await removeTree(store, join(directory, place))
  }
}

const addImage = async ({ store }: StoreBench, archive: PreparedImage): Promise<string> => {
  if (archive === 'debian.tar.gz') return (await importImage(store, { source: imagePath(archive) })).id
  return (await loadImages(store, { input: imagePath(archive) })).images[0]?.id ?? ''
}

for (const archive of ['layered.oci.tar', 'saved.docker.tar', 'debian.tar.gz'] as const) {
  test.skipIf(!hasImage(archive))(`layers of ${archive} make the tree that the kernel shows`, async ({ bench }) => {
    const id = await addImage(bench, archive)
    const sources = layerSources(bench.store.paths, findImage(bench.store.paths, id))
    const layers = await Promise.all(sources.map((source) => readLayerEntries(source, { withContents: false })))
    const listed = compareTrees(stackLayers([]), stackLayers(layers), { trustLooks: true }).map(({ path }) =>
      path.slice(1),
    )
    await withOverlayTree(bench, id, async (tree) => {
      const seen = Object.keys(tree).filter((path) => path !== '.')
      // only root may make the devices that an image has
      const isDevice = (path: string) => !isRoot && path.startsWith('dev/')
      expect(listed.filter((path) => !isDevice(path))).toEqual(seen.filter((path) => !isDevice(path)).sort())
    })
  })
}

test.skipIf(!hasImage('saved.oci.tar'))(
  'image mount shows that tree, with its owners, modes and contents',
  async ({ bench }) => {
    const { lichen } = bench
    const id = await addImage(bench, 'saved.oci.tar')
    const enter = isRoot ? ['unshare', '--mount', '--propagation', 'private'] : [...lichen.argv, 'unshare']
    const script = 'p=$("$@" image mount saved) && python3 - "$p"'
    const shown = JSON.parse(
      await mustRun([...enter, 'sh', '-c', script, 'sh', ...lichen.argv], { input: snapshot }),
    ) as Tree
    await withOverlayTree(bench, id, async (tree) => {
      const { '.': _shownRoot, ...mounted } = shown
      const { '.': _root, ...expected } = tree // its time is the upper directory's
      expect(mounted).toEqual(expected)
    })
  },
)

const wide: TarEntry[] = Array.from({ length: 300 }, (_, index) => ({ name: `d/${index}`, data: String(index) }))

test('diff of two images reads what looks the same but is not', async ({ bench: { store, write } }) => {
  const one = layer({ same: 'aaaa', other: 'aaaa' })
  const two = tar({ name: 'same', data: 'aaaa' }, { name: 'other', data: 'bbbb' }, { name: 'more', data: '' })
  const input = write('a.tar', ociArchive({ layers: [one], names: ['one:1'] }, { layers: [two], names: ['two:1'] }))
  await loadImages(store, { input })
  expect(await diffImages(store, 'two:1', 'one:1')).toEqual([
    { path: '/more', kind: 'added' },
    { path: '/other', kind: 'changed' },
  ])
})

test('diff of an image of one layer tells all of it, of one without layers nothing', async ({
  bench: { store, write },
}) => {
  const input = write(
    'a.tar',
    dockerArchive({ layers: [tar(...wide)], names: ['wide:1'] }, { layers: [], names: ['empty:1'] }),
  )
  await loadImages(store, { input })
  expect(await diffImages(store, 'wide:1')).toHaveLength(wide.length + 1)
  expect(await diffImages(store, 'empty:1')).toEqual([])
  expect(await diffImages(store, 'empty:1', 'wide:1')).toEqual([{ path: '/d', kind: 'deleted' }])
})

test('diff fails with the layer named when its blob is damaged', async ({ bench: { store, write } }) => {
  await loadImages(store, { input: write('a.tar', ociArchive({ layers: [tar(...wide)], names: ['wide:1'] })) })
  const [descriptor] = findImage(store.paths, 'wide:1').manifest.layers
  const blob = join(store.paths.blobs, descriptor?.digest.slice('sha256:'.length) ?? '')
  const bytes = readFileSync(blob)
  await mustRun(['truncate', '--size', String(Math.floor(bytes.length / 2)), blob])
  const failing = diffImages(store, 'wide:1')
  await expect(failing).rejects.toThrow(BadInputError)
  await expect(failing).rejects.toThrow(`read: layer ${descriptor?.digest}: the gzip data ends too early`)
})
