// The tree lichen shows of an image, file by file, against the tree podman shows of the same archive: kind, owner, mode, time, size,
// content, extended attributes, hard links. `layered` has owners, setuid bits, capabilities, whiteouts and opaque directories made on
// purpose; `saved` was changed, committed and saved by podman itself.

import { join } from 'node:path'
import { expect } from 'vitest'
import { loadImages } from '../../../src/engine/load.js'
import { findImage, layerSources } from '../../../src/images/image-store.js'
import { ensureLayers, layerMapping } from '../../../src/storage/layers.js'
import { removeTree } from '../../../src/storage/trash.js'
import { comparable } from '../../support/comparable-tree.js'
import { findProgram } from '../../support/facts.js'
import { hasImage, imagePath } from '../../support/images.js'
import { readCopiedTree, readOverlayTree } from '../../support/lichen-tree.js'
import { readPodmanTree } from '../../support/podman-tree.js'
import { test } from '../../support/store-test.js'

for (const archive of ['layered.oci.tar', 'layered.docker.tar', 'saved.oci.tar', 'saved.docker.tar'] as const) {
  test(`lichen and podman show the same tree of ${archive}`, async ({ bench, skip }) => {
    if (!hasImage(archive)) skip(`${archive} was not prepared`)
    if (findProgram('podman') === undefined) skip('podman is not installed')
    const { store, directory } = bench
    await loadImages(store, { input: imagePath(archive) })
    const image = findImage(store.paths, archive.replace(/\..*/, ''))
    const layers = await ensureLayers(store, layerSources(store.paths, image), layerMapping(store, undefined))
    try {
      const expected = comparable(
        await readPodmanTree(imagePath(archive), image.names[0] ?? '', join(directory, 'podman')),
      )
      expect(Object.keys(expected).length).toBeGreaterThan(300)
      for (const readTree of [readOverlayTree, readCopiedTree]) {
        const tree = await readTree(store, layers, directory)
        expect(comparable(tree)).toEqual(expected)
        expect(tree['.']).toMatchObject({ mode: '755', uid: 0, gid: 0 })
      }
    } finally {
      for (const name of ['podman', 'upper', 'work', 'copied']) await removeTree(store, join(directory, name))
    }
  })
}
