// Images as `docker save` and `podman save` write them (moby image/spec/v1.2.md): layers as plain tars, manifest.json for today's readers,
// `repositories` and a directory for each layer for those of Docker 1.9 and older. Names, order and IDs are podman's.

import type { Digest, LocalImage } from '../model/image.js'
import { parseImageRef } from '../model/image-ref.js'
import type { ProgressReport } from '../model/progress.js'
import type { TarWriter } from '../platform/archive.js'
import { type Chunks, createMeter } from '../platform/byte-streams.js'
import { decompress } from '../platform/decompress.js'
import { sha256 } from '../platform/digest.js'
import { mapParallel } from '../platform/parallel.js'
import { readBlob, readBounded } from './blobs.js'
import { checkDigest, type OutgoingImage, type OutgoingLayer } from './outgoing-image.js'
import { saveBlob } from './save-sink.js'

export interface ArchivedImage {
  readonly local: LocalImage
  /** Taken without a conversion. */
  readonly outgoing: OutgoingImage
  /** Full references with a tag. */
  readonly tags: readonly string[]
}

/** A layer's plain tar. */
interface PlainLayer {
  readonly diffId: Digest
  readonly stored: OutgoingLayer
  readonly sizeBytes: number
}

/** Two at a time: counting a compressed layer is all work and no waiting. */
const PARALLEL_COUNTS = 2

/** What images share is in it once. Throws BadInputError when a layer is not what its image says. */
export async function writeDockerArchive(
  tar: TarWriter,
  images: readonly ArchivedImage[],
  report: ProgressReport,
): Promise<void> {
  const written = new Set<string>()
  const once = async (name: string, write: () => Promise<void> | void): Promise<void> => {
    if (written.has(name)) return
    written.add(name)
    await write()
  }
  const layersOf = await findPlainLayers(images)
  const repositories: Record<string, Record<string, string>> = {}
  for (const { local, outgoing, tags } of images) {
    const layers = layersOf(local)
    for (const layer of layers) await once(tarName(layer.diffId), async () => await writeLayer(tar, layer, report))
    const { config } = outgoing
    await once(configName(local), async () => await saveBlob(tar, configName(local), config, report))
    const legacy = legacyLayers(readBounded(config.file, `config ${config.digest}`).toString('utf8'), layers)
    for (const layer of legacy) await once(layer.id, () => writeLegacy(tar, layer))
    const top = legacy.at(-1)
    if (top !== undefined) for (const tag of tags) addTag(repositories, tag, top.id)
  }
  tar.text('manifest.json', JSON.stringify(images.map((image) => toEntry(image, layersOf(image.local)))))
  tar.text('repositories', JSON.stringify(sortKeys(repositories)))
  tar.finish()
}

/** The sizes of the plain tars must be known before the first byte of them is written: compressed ones are read once to be counted. */
async function findPlainLayers(images: readonly ArchivedImage[]): Promise<(image: LocalImage) => PlainLayer[]> {
  const found = new Map<Digest, PlainLayer>()
  const wanted = new Map<Digest, { readonly diffId: Digest; readonly prepare: () => Promise<OutgoingLayer> }>()
  for (const { local, outgoing } of images)
    for (const [index, { digest }] of local.manifest.layers.entries()) {
      const diffId = local.config.rootfs.diff_ids[index] ?? digest
      const layer = outgoing.layers.find((it) => it.digest === digest)
      if (layer !== undefined) wanted.set(diffId, { diffId, prepare: layer.prepare })
    }
  await mapParallel([...wanted.values()], PARALLEL_COUNTS, async ({ diffId, prepare }) => {
    const stored = await prepare()
    const sizeBytes = stored.compression === 'none' ? stored.sizeBytes : await countBytes(await readPlain(stored))
    found.set(diffId, { diffId, stored, sizeBytes })
  })
  return ({ config }) => config.rootfs.diff_ids.flatMap((diffId) => found.get(diffId) ?? [])
}

async function countBytes(chunks: Chunks): Promise<number> {
  let sizeBytes = 0
  for await (const chunk of chunks) sizeBytes += chunk.length
  return sizeBytes
}

async function readPlain(stored: OutgoingLayer): Promise<Chunks> {
  return await decompress(readBlob(stored.file), `blob ${stored.digest}`)
}

async function writeLayer(tar: TarWriter, layer: PlainLayer, report: ProgressReport): Promise<void> {
  const { diffId, stored, sizeBytes } = layer
  const meter = createMeter()
  const tell = (doneBytes: number, isDone: boolean): void =>
    report.onProgress({ verb: 'send', digest: diffId, doneBytes, totalBytes: sizeBytes, isDone })
  tell(0, false)
  await tar.file(tarName(diffId), sizeBytes, meter.pass(await readPlain(stored)))
  checkDigest(`layer ${stored.digest}`, meter.digest(), diffId)
  tell(sizeBytes, true)
}

interface LegacyLayer {
  readonly id: string
  readonly diffId: Digest
  readonly json: string
}

/** Fields of the image's config that its top layer repeats. */
const TOP_FIELDS = ['architecture', 'config', 'container', 'container_config', 'created', 'docker_version', 'os']

/** One v1 image for each layer, its ID made as podman makes it: of its JSON with the chainID in it. */
function legacyLayers(configText: string, layers: readonly PlainLayer[]): LegacyLayer[] {
  const config = JSON.parse(configText) as Record<string, unknown>
  const result: LegacyLayer[] = []
  let chainId = ''
  for (const [index, { diffId }] of layers.entries()) {
    chainId = index === 0 ? diffId : sha256(`${chainId} ${diffId}`)
    const parent = result.at(-1)?.id
    const fields = {
      ...(parent === undefined ? {} : { parent }),
      ...(index < layers.length - 1 ? {} : Object.fromEntries(TOP_FIELDS.map((key) => [key, config[key] ?? null]))),
    }
    const id = sha256(toGoJson({ ...fields, layer_id: chainId })).slice('sha256:'.length)
    result.push({ id, diffId, json: toGoJson({ ...fields, id }) })
  }
  return result
}

function writeLegacy(tar: TarWriter, { id, diffId, json }: LegacyLayer): void {
  tar.symlink(`${id}/layer.tar`, `../${tarName(diffId)}`)
  tar.text(`${id}/VERSION`, '1.0')
  tar.text(`${id}/json`, json)
}

function addTag(repositories: Record<string, Record<string, string>>, name: string, id: string): void {
  const { domain, path, tag = 'latest' } = parseImageRef(name)
  const repository = `${domain}/${path}`
  repositories[repository] = { ...repositories[repository], [tag]: id }
}

function toEntry({ local, tags }: ArchivedImage, layers: readonly PlainLayer[]): object {
  return { Config: configName(local), RepoTags: tags, Layers: layers.map(({ diffId }) => tarName(diffId)) }
}

function tarName(diffId: Digest): string {
  return `${diffId.slice('sha256:'.length)}.tar`
}

function configName({ id }: LocalImage): string {
  return `${id}.json`
}

/** As Go writes a map: keys sorted, and what HTML could misread escaped. */
function toGoJson(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(sortKeys(value)).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function sortKeys(value: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
