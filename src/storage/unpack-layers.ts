// The slow half of layers.ts: what is missing is unpacked, verified against digest and diffID, and only then visible.

import { BadInputError, errorCode, HostError, LichenError } from '../model/errors.js'
import type { Digest, LayerSource } from '../model/image.js'
import type { Chunks } from '../platform/byte-streams.js'
import { streamLayer } from '../platform/layer-stream.js'
import { ToolLimitError } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { chainIds, type LayerMapping } from './layer-names.js'
import { readLayer } from './layer-record.js'
import { layerNames } from './layers.js'
import {
  discardLayer,
  type LayerIdentity,
  parseUntarReport,
  publishLayer,
  type StagedLayer,
  stageLayer,
  type UntarReport,
} from './staged-layer.js'

export interface UnpackedLayers {
  /** Directories below layers/, topmost first: as overlay wants its lower directories. */
  readonly names: readonly string[]
  /** What could not be kept; empty when everything was there already. */
  readonly warnings: readonly string[]
}

export interface UnpackLimits {
  readonly maxUnpackedBytes: number
}

export const DEFAULT_LIMITS: UnpackLimits = { maxUnpackedBytes: 64 * 1024 ** 3 }
/** gunzip runs on libuv's pool, which has four threads: more layers at a time would only hold more memory. */
const PARALLEL_UNPACKS = 4

interface Wanted extends LayerIdentity {
  readonly source: LayerSource
}

export interface UnpackRequest {
  /** Bottom first, as in the manifest. */
  readonly sources: readonly LayerSource[]
  readonly mapping: LayerMapping
  readonly limits: UnpackLimits
  /** Layers at a time. */
  readonly parallel?: number
}

/**
 * The image's layers, unpacked for `mapping`. Two processes may do the same at once. Throws BadInputError when a blob is
 * not what it claims to be or goes beyond a limit; nothing of that layer is visible then.
 */
export async function unpackLayers(store: Store, request: UnpackRequest): Promise<UnpackedLayers> {
  const { sources, mapping, limits, parallel = PARALLEL_UNPACKS } = request
  const diffIds = sources.map(({ diffId }) => diffId)
  const names = layerNames(diffIds, mapping)
  const chain = chainIds(diffIds)
  const missing = sources.flatMap((source, index): Wanted[] => {
    const chainId = chain[index] ?? source.diffId
    const parentChainId = chain[index - 1]
    if (readLayer(store.paths, chainId, mapping) !== undefined) return []
    return [{ source, chainId, diffId: source.diffId, ...(parentChainId === undefined ? {} : { parentChainId }) }]
  })
  if (missing.length === 0) return { names, warnings: [] }
  const reports = await unpackAll(store, { missing, mapping, limits, parallel })
  return { names, warnings: describeSkipped(reports) }
}

interface UnpackJob {
  readonly missing: readonly Wanted[]
  readonly mapping: LayerMapping
  readonly limits: UnpackLimits
  readonly parallel: number
}

/** Unpacks in parallel, publishes in order from the bottom. After the first failure nothing more is begun; the first error is thrown. */
async function unpackAll(store: Store, job: UnpackJob): Promise<UntarReport[]> {
  const waiting = [...job.missing]
  const reports: UntarReport[] = []
  const errors: unknown[] = []
  const fail = (error: unknown) => void errors.push(error)
  let published: Promise<unknown> = Promise.resolve()
  let usedBytes = 0
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && errors.length === 0; next = waiting.shift()) {
      const wanted = next
      const below = published
      const maxBytes = Math.max(1, job.limits.maxUnpackedBytes - usedBytes)
      const unpacked = unpackLayer(store, wanted, { ...job, maxBytes })
      published = unpacked.then((layer) => publishAfter(store, below, { ...layer, wanted }))
      published.catch(fail)
      // the next layer need not wait for those below this one
      const { report } = await unpacked.catch(() => ({ report: undefined }))
      usedBytes += report?.sizeBytes ?? 0
      if (report !== undefined) reports.push(report)
    }
  }
  await Promise.all(Array.from({ length: job.parallel }, work))
  await published.catch(() => undefined)
  if (errors.length > 0) throw errors[0]
  return reports
}

interface Unpacked {
  readonly staged: StagedLayer
  readonly report: UntarReport
}

async function publishAfter(
  store: Store,
  below: Promise<unknown>,
  layer: Unpacked & { wanted: Wanted },
): Promise<void> {
  try {
    await below
    await publishLayer(store, layer.staged, layer.wanted, layer.report)
  } catch (error) {
    await discardLayer(store, layer.staged)
    throw error
  }
}

async function unpackLayer(store: Store, wanted: Wanted, job: UnpackJob & { maxBytes: number }): Promise<Unpacked> {
  const { source } = wanted
  const subject = `layer ${source.digest}`
  const { chunks, hasFailed } = watchSource(await source.open())
  const staged = stageLayer(store, job.mapping, job.maxBytes)
  try {
    const streamed = await streamLayer({ subject, source: chunks, reader: staged.reader })
    checkDigest('digest', streamed.digest, source.digest)
    checkDigest('diffID', streamed.diffId, source.diffId)
    return { staged, report: parseUntarReport(streamed.report) }
  } catch (error) {
    await discardLayer(store, staged)
    if (hasFailed(error)) throw error
    throw explainUnpack(missingBlob(error), { verb: 'unpack', subject, limits: job.limits })
  }
}

/** Where the bytes come from has its own words for what went wrong there; those of a file are ours to find. */
function watchSource(source: Chunks): { chunks: Chunks; hasFailed: (error: unknown) => boolean } {
  let failure: unknown
  async function* watch(): AsyncGenerator<Buffer> {
    try {
      yield* source
    } catch (error) {
      failure = error
      throw error
    }
  }
  return { chunks: watch(), hasFailed: (error) => error === failure && error instanceof LichenError }
}

function missingBlob(error: unknown): unknown {
  if (errorCode(error) !== 'ENOENT') return error
  return new HostError('its blob is missing from the store', {
    cause: error,
    hint: '`lichen system check --repair` fetches it again',
  })
}

/** Throws BadInputError. */
export function checkDigest(kind: string, got: Digest, wanted: Digest): void {
  if (got === wanted) return
  throw new BadInputError(`its ${kind} is ${got}, not ${wanted}`, {
    hint: 'the image is damaged or was tampered with; get it again',
  })
}

interface UnpackContext {
  /** `unpack`, `import`: the error's first word. */
  readonly verb: string
  readonly subject: string
  readonly limits: UnpackLimits
}

/** The error of one layer in words that name it, and for a limit how it is raised. */
export function explainUnpack(error: unknown, { verb, subject, limits }: UnpackContext): unknown {
  if (error instanceof ToolLimitError) {
    return new BadInputError(`${verb}: ${subject}: it needs more than the ${limits.maxUnpackedBytes} bytes allowed`, {
      hint: 'if you trust it, raise the limit with --max-unpacked-size',
      cause: error,
    })
  }
  if (!(error instanceof BadInputError || error instanceof HostError)) return error
  const Kind = error instanceof BadInputError ? BadInputError : HostError
  const cause = error.message.replace(`read: ${subject}: `, '')
  return new Kind(`${verb}: ${subject}: ${cause}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}

/** One line for everything that could not be kept. */
export function describeSkipped(reports: readonly UntarReport[]): string[] {
  const sum = (pick: (report: UntarReport) => number) => reports.reduce((total, report) => total + pick(report), 0)
  const devices = sum(({ devicesSkipped }) => devicesSkipped)
  const xattrs = sum(({ xattrsSkipped }) => xattrsSkipped)
  return [
    ...(devices === 0
      ? []
      : [`${devices} device ${devices === 1 ? 'node' : 'nodes'} left out: only root may make them`]),
    ...(xattrs === 0
      ? []
      : [`${xattrs} extended ${xattrs === 1 ? 'attribute' : 'attributes'} left out: not allowed here`]),
  ]
}
