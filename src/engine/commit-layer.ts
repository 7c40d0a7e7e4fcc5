// A container's changes (or all of its files) as a layer, in one pass over them: packed, hashed, unpacked again as the new image's own copy, and
// compressed. Nobody sees anything of it before it is published.

import { once } from 'node:events'
import path from 'node:path'
import { createBlobWriter } from '../images/blobs.js'
import type { CommittedLayer } from '../images/committed-image.js'
import type { ContainerView } from '../model/container.js'
import type { Digest } from '../model/image.js'
import { type Chunks, createMeter } from '../platform/byte-streams.js'
import { compress } from '../platform/compress.js'
import { type Archive, startArchive, type ToolRun } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { readArchive } from '../platform/tree-tools.js'
import { chainIds } from '../storage/layer-names.js'
import { layerMapping } from '../storage/layers.js'
import { discardLayer, parseUntarReport, publishLayer, type StagedLayer, stageLayer } from '../storage/staged-layer.js'
import { layerWords } from '../storage/tree-stack.js'
import { DEFAULT_LIMITS } from '../storage/unpack-layers.js'
import { openContainerTree, ownerWords } from './container-tree.js'

export interface LayerPacking {
  /** Below staging/, for the blob. */
  readonly dir: string
  /** diffIDs of the layers it lies on, bottom first; undefined: it is everything. */
  readonly below: readonly Digest[] | undefined
}

export interface PackedLayer {
  readonly layer: CommittedLayer
  readonly warnings: readonly string[]
  readonly staged: StagedLayer
}

/** An archive of nothing: two blocks of zeros. */
const EMPTY_TAR = Buffer.alloc(1024)

/** What is staged is the caller's to publish. */
export async function packLayer(store: Store, view: ContainerView, { dir, below }: LayerPacking): Promise<PackedLayer> {
  const archive = below === undefined ? await startWhole(store, view) : startChanges(store, view)
  const warnings: string[] = []
  const tar = archive === undefined ? only(EMPTY_TAR) : readArchive(archive, (told) => void warnings.push(...told))
  const staged = stageLayer(store, layerMapping(store, view.record.plan.userns), DEFAULT_LIMITS.maxUnpackedBytes)
  const plain = createMeter()
  const writer = createBlobWriter(path.join(dir, 'layer'))
  try {
    const both = copyInto(staged.reader, plain.pass(tar))
    for await (const chunk of compress(both, { format: 'gzip' })) writer.write(chunk)
    await staged.reader.finished
    return { layer: { blob: writer.finish(), diffId: plain.digest() }, warnings, staged }
  } catch (error) {
    await discardLayer(store, staged)
    throw error
  } finally {
    writer.close()
  }
}

/** Makes the unpacked layer visible: a container of the new image finds it. */
export async function publishPacked(
  store: Store,
  { staged, layer: { diffId } }: PackedLayer,
  { below = [] }: Pick<LayerPacking, 'below'>,
): Promise<void> {
  const chain = chainIds([...below, diffId])
  const parentChainId = chain.at(-2)
  const identity = {
    chainId: chain.at(-1) ?? diffId,
    diffId,
    ...(parentChainId === undefined ? {} : { parentChainId }),
  }
  try {
    await publishLayer(store, staged, identity, parseUntarReport(await staged.reader.finished))
  } catch (error) {
    await discardLayer(store, staged)
    throw error
  }
}

/** The same bytes to a second reader, no faster than it reads. When it has gone away its own error tells why, not our broken pipe. */
async function* copyInto({ stdin, finished }: ToolRun, source: Chunks): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain').catch(() => finished), finished])
    yield chunk
  }
  stdin.end()
}

async function startWhole(store: Store, view: ContainerView): Promise<Archive> {
  const { enter, root } = await openContainerTree(store, view, 'own')
  return startArchive(store, [...ownerWords(store, view.record), '--name', '.', root], enter)
}

/** Undefined: it never ran, so that nothing has changed. */
function startChanges(store: Store, { record }: ContainerView): Archive | undefined {
  const words = layerWords(store, record)
  return words === undefined ? undefined : startArchive(store, [...ownerWords(store, record), ...words])
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
