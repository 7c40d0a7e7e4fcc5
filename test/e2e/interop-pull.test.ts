// What others push, lichen pulls: every peer in every format and compression it can write. The same files, the same digests, and
// pushed on, the same bytes.

import { expect } from 'vitest'
import { isLichen } from '../support/facts.js'
import { canTrade, expectLayered, LAYER_TYPES, readManifest, readSubjectTree, test } from '../support/interop-test.js'
import { peers } from '../support/peers.js'

const PLAIN_HTTP = '--tls-verify=false'

for (const { peer, shape } of peers.flatMap((peer) => peer.shapes.map((shape) => ({ peer, shape })))) {
  const words = `${shape.format} ${shape.compression}` as const
  test.skipIf(!canTrade(peer))(
    `pull shows the files ${peer.name} pushed and push keeps its digest when it wrote ${words}`,
    async ({ bare, scratch, registry }) => {
      const ref = `${registry.host}/${peer.name}/layered:1`
      await peer.push({ ref }, shape, scratch())
      const theirs = await readManifest(ref)
      // the peer did what the row says
      expect(new Set(theirs.layers.map(({ mediaType }) => mediaType))).toEqual(new Set([LAYER_TYPES[words]]))

      const id = await bare.ok('pull', '--quiet', PLAIN_HTTP, ref)
      expect(`sha256:${id}`).toBe(theirs.config.digest)
      expect(await bare.ok('image', 'inspect', '--format', '{{.Digest}}', ref)).toBe(theirs.digest)
      await expectLayered(await readSubjectTree(bare, ref), scratch())

      const again = `${registry.host}/again/layered:1`
      await bare.ok('push', '--quiet', PLAIN_HTTP, ref, again)
      // podman compresses anew
      if (isLichen) expect((await readManifest(again)).raw).toBe(theirs.raw)
    },
  )
}
