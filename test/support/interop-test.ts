// `test` for trading images with peers: an engine with an empty store, and what each peer sees of the image `layered`, asked once a
// file.

import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Tree } from '../monitor/trees.js'
import { comparable } from './comparable-tree.js'
import { test as base } from './container-test.js'
import { isRoot } from './facts.js'
import { hasImage } from './images.js'
import type { Lichen } from './lichen.js'
import { type Peer, podman, readOriginal } from './peers.js'
import { mustRun } from './process.js'
import { hasRegistry, type Registry, startRegistry } from './registry.js'

export const LAYER_TYPES = {
  'oci gzip': 'application/vnd.oci.image.layer.v1.tar+gzip',
  'oci zstd': 'application/vnd.oci.image.layer.v1.tar+zstd',
  'oci none': 'application/vnd.oci.image.layer.v1.tar',
  'docker gzip': 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  // there is none
  'docker zstd': '',
  'docker none': 'application/vnd.docker.image.rootfs.diff.tar',
} as const

export const canTrade = (peer: Peer): boolean => hasRegistry && hasImage('layered.oci.tar') && peer.isInstalled

interface Fixtures {
  /** A new directory in the test's own. */
  readonly scratch: () => string
  /** Plain and empty: clients remember what they have seen of a registry, and take that instead. */
  readonly registry: Registry
}

export const test = base.extend<Fixtures>({
  scratch: async ({ bare }: { bare: Lichen }, use: (scratch: () => string) => Promise<void>) => {
    await use(() => mkdtempSync(join(bare.directory, 'scratch-')))
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from this pattern
  registry: async ({}, use: (registry: Registry) => Promise<void>) => {
    const registry = await startRegistry()
    try {
      await use(registry)
    } finally {
      await registry.stop()
    }
  },
})

const originals = new Map<Peer, Promise<Tree>>()

/** The same files as the peer shows of `layered` itself. */
export async function expectLayered(tree: Tree, directory: string, peer: Peer = podman): Promise<void> {
  const original = originals.get(peer) ?? readOriginal(peer, directory)
  originals.set(peer, original)
  expect(Object.keys(tree).length).toBeGreaterThan(300)
  expect(comparable(tree)).toEqual(comparable(await original))
}

/** The tree of an image of the engine under test, as a user of it sees it. */
export async function readSubjectTree({ argv }: Lichen, name: string): Promise<Tree> {
  const snapshot = join(import.meta.dirname, '../monitor/snapshot.py')
  const script = `name=$1; shift; tree=$("$@" image mount "$name"); python3 ${snapshot} "$tree"; "$@" image unmount "$name" >&2`
  const inside = isRoot ? ['unshare', '--mount'] : [...argv, 'unshare']
  return JSON.parse(await mustRun([...inside, 'sh', '-ec', script, 'sh', name, ...argv])) as Tree
}

export interface Manifest {
  readonly raw: string
  readonly digest: string
  readonly mediaType: string
  readonly config: { readonly digest: string; readonly mediaType: string }
  readonly layers: readonly { readonly digest: string; readonly mediaType: string; readonly size: number }[]
}

const ACCEPTED = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')

/** What a registry keeps under a reference, asked without any client of images. */
export async function readManifest(ref: string): Promise<Manifest> {
  const [, host = '', path = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(ref) ?? []
  const answer = await fetch(`http://${host}/v2/${path}/manifests/${tag}`, { headers: { accept: ACCEPTED } })
  const raw = await answer.text()
  if (!answer.ok) throw new Error(`get manifest of ${ref}: ${answer.status} ${raw}`)
  const { config, layers } = JSON.parse(raw) as Pick<Manifest, 'config' | 'layers'>
  const digest = answer.headers.get('docker-content-digest') ?? ''
  return { raw, digest, mediaType: answer.headers.get('content-type') ?? '', config, layers }
}
