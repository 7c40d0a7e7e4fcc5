// What others save, lichen loads, and the reverse: every peer in every archive format it knows. The same files, the same image.

import { join } from 'node:path'
import { expect } from 'vitest'
import { isLichen } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import { canTrade, expectLayered, readSubjectTree, test } from '../support/interop-test.js'
import {
  ARCHIVE_FORMATS,
  type ArchiveFormat,
  hasValidator,
  LAYERED,
  peers,
  podman,
  validateLayout,
} from '../support/peers.js'

/** podman makes an image name of a layout's path, and the tests' paths have capitals. */
const canLoad = (format: ArchiveFormat): boolean => isLichen || format !== 'oci-dir'

const rows = peers.flatMap((peer) => peer.archives.map((format) => ({ peer, format })))

for (const { peer, format } of rows) {
  test.skipIf(!canTrade(peer) || !canLoad(format))(
    `load shows the files ${peer.name} saved when it wrote a ${format}`,
    async ({ bare, scratch }) => {
      const file = join(scratch(), 'saved')
      await peer.save(file, format, scratch())
      await bare.ok('load', '--quiet', '--input', file)
      const id = await bare.ok('images', '--quiet', '--no-trunc')
      expect(id).toMatch(/^sha256:[0-9a-f]{64}$/)
      await expectLayered(await readSubjectTree(bare, id.slice('sha256:'.length)), scratch())
    },
  )

  test.skipIf(!canTrade(peer))(
    `${peer.name} shows the files save wrote when it is given a ${format}`,
    async ({ bare, scratch }) => {
      const file = join(scratch(), 'saved')
      await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
      await bare.ok('save', '--quiet', '--format', format, '--output', file, LAYERED)
      await expectLayered(await peer.readSaved(file, format, scratch()), scratch(), peer)
    },
  )
}

for (const format of ARCHIVE_FORMATS) {
  test.skipIf(!canTrade(podman) || !canLoad(format))(
    `load brings back the image save wrote when it is a ${format}`,
    async ({ bare, scratch }) => {
      const file = join(scratch(), 'saved')
      await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
      const before = await bare.ok('images', '--quiet', '--no-trunc')
      await bare.ok('save', '--quiet', '--format', format, '--output', file, LAYERED)
      await bare.ok('rmi', LAYERED)
      await bare.ok('load', '--quiet', '--input', file)
      expect(await bare.ok('images', '--quiet', '--no-trunc')).toBe(before)
    },
  )
}

test.skipIf(!hasValidator)(
  'oci-image-tool finds nothing wrong with what save wrote when it is an oci-dir',
  async ({ bare, scratch }) => {
    const layout = join(scratch(), 'layout')
    await bare.ok('load', '--quiet', '--input', imagePath('layered.docker.tar'))
    await bare.ok('save', '--quiet', '--format', 'oci-dir', '--output', layout, LAYERED)
    await validateLayout(layout)
  },
)
