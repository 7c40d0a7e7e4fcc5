// What lichen pushes, others pull: in every format and compression, with the same files as if they had made it themselves.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { isLichen } from '../support/facts.js'
import { hasImage, imagePath } from '../support/images.js'
import { canTrade, expectLayered, LAYER_TYPES, readManifest, test } from '../support/interop-test.js'
import { type Compression, type Format, LAYERED, peers } from '../support/peers.js'

const PLAIN_HTTP = '--tls-verify=false'
const MANIFEST_TYPES = {
  oci: 'application/vnd.oci.image.manifest.v1+json',
  docker: 'application/vnd.docker.distribution.manifest.v2+json',
}
const CONFIG_TYPES = {
  oci: 'application/vnd.oci.image.config.v1+json',
  docker: 'application/vnd.docker.container.image.v1+json',
}

interface Row {
  readonly flags: readonly string[]
  readonly format: Format
  readonly compression: Compression
}

const rows: readonly Row[] = [
  { flags: [], format: 'oci', compression: 'gzip' },
  { flags: ['--format', 'oci'], format: 'oci', compression: 'gzip' },
  { flags: ['--format', 'v2s2'], format: 'docker', compression: 'gzip' },
  { flags: ['--format', 'oci', '--compression-format', 'zstd'], format: 'oci', compression: 'zstd' },
  { flags: ['--format', 'oci', '--compression-format', 'gzip'], format: 'oci', compression: 'gzip' },
]

const readers = peers.filter(({ pulls }) => pulls)

for (const { peer, row } of readers.flatMap((peer) => rows.map((row) => ({ peer, row })))) {
  const said = row.flags.length === 0 ? 'nothing is said' : `it is pushed with ${row.flags.join(' ')}`
  test.skipIf(!canTrade(peer))(
    `${peer.name} pulls the files push sent when ${said}`,
    async ({ bare, scratch, registry }) => {
      const ref = `${registry.host}/ours/layered:1`
      await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
      const digestFile = join(scratch(), 'digest')
      await bare.ok('push', '--quiet', PLAIN_HTTP, '--digestfile', digestFile, ...row.flags, LAYERED, ref)

      const sent = await readManifest(ref)
      expect(sent.mediaType).toBe(MANIFEST_TYPES[row.format])
      expect(sent.config.mediaType).toBe(CONFIG_TYPES[row.format])
      const types = new Set(sent.layers.map(({ mediaType }) => mediaType))
      expect(types).toEqual(new Set([LAYER_TYPES[`${row.format} ${row.compression}`]]))
      expect(readFileSync(digestFile, 'utf8').trim()).toBe(sent.digest)

      await expectLayered(await peer.readPulled({ ref }, scratch()), scratch(), peer)
      // kept as it was, so pushed as it is when nothing is said; podman compresses anew
      if (isLichen && row.flags.length === 0)
        expect(await bare.ok('image', 'inspect', '--format', '{{.Digest}}', LAYERED)).toBe(sent.digest)
    },
  )
}

for (const peer of readers) {
  test.skipIf(!canTrade(peer) || !hasImage('layered.docker.tar'))(
    `${peer.name} pulls the files push sent when the image came from a docker-archive`,
    async ({ bare, scratch, registry }) => {
      const ref = `${registry.host}/ours/layered:1`
      await bare.ok('load', '--quiet', '--input', imagePath('layered.docker.tar'))
      await bare.ok('push', '--quiet', PLAIN_HTTP, LAYERED, ref)
      await expectLayered(await peer.readPulled({ ref }, scratch()), scratch(), peer)
      // the image's identity is its configuration, whatever it travelled in
      expect((await readManifest(ref)).config.digest).toBe(await bare.ok('images', '--quiet', '--no-trunc'))
    },
  )
}
