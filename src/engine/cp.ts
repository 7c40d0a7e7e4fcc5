// `cp`: files from a container, into one, or from one to another, through its volumes and other mounts, whether it runs or not. Each side is a
// tar stream of the C program, which alone resolves a container's paths: no link of it leads out of it, whoever changes them meanwhile.

import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isatty } from 'node:tty'
import { type CopyPlace, nameInStream, planCopy, planUnpack } from '../model/copy.js'
import { UsageError } from '../model/errors.js'
import { isLive } from '../model/status.js'
import { CHUNK_BYTES, readStandardInput } from '../platform/byte-streams.js'
import { toDiskError } from '../platform/disk-errors.js'
import { streamLayer } from '../platform/layer-stream.js'
import { type Archive, startArchive, type ToolRun } from '../platform/monitor-tools.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { type ByteSink, type Piped, pipeArchive, sendArchive, startUnpack } from '../platform/tree-tools.js'
import { parseUntarReport } from '../storage/staged-layer.js'
import { describeSkipped } from '../storage/unpack-layers.js'
import { besideOthers } from './beside-others.js'
import { findTreeUser, hasSingleId, ownerWords } from './container-tree.js'
import { explain, openEnd, type TreeEnd } from './cp-ends.js'

export interface CopyRequest {
  readonly source: CopyPlace
  readonly destination: CopyPlace
  /** In a container the files become its user's; else they keep their owners. */
  readonly chown: boolean
  /** A source that is a link is what it leads to; else the link itself is copied. */
  readonly follow: boolean
  /** A directory may take the place of something else, and the other way round. */
  readonly overwrite: boolean
  /** Takes the archive when the destination is standard output. */
  readonly stdout: ByteSink
}

/** Throws NotFoundError, UsageError, BadInputError (an archive), ConflictError, HostError. Not atomic: what was copied before an error stays. Resolves to warnings. */
export async function copyFiles(store: Store, request: CopyRequest): Promise<readonly string[]> {
  const names = [request.source, request.destination].flatMap((end) =>
    end.kind === 'container' ? [end.container] : [],
  )
  // standard input can be read only once
  if (request.source.kind === 'stream') return await copyOnce(store, request)
  return await besideOthers(store, names, () => copyOnce(store, request))
}

async function copyOnce(store: Store, request: CopyRequest): Promise<readonly string[]> {
  const { source, destination } = request
  const from =
    source.kind === 'stream' ? undefined : await openEnd(store, source, request.follow ? 'source' : 'source itself')
  const to = destination.kind === 'stream' ? undefined : await openEnd(store, destination, 'destination')
  if (from !== undefined && to !== undefined) return await copyBetween(store, { from, to }, request)
  if (to !== undefined) return await copyFromStream(store, to, request)
  if (from !== undefined) return await copyToStream(store, from, request)
  throw new UsageError('copy: one end must be a container')
}

interface Ends {
  readonly from: TreeEnd
  readonly to: TreeEnd
}

async function copyBetween(store: Store, { from, to }: Ends, request: CopyRequest): Promise<readonly string[]> {
  const plan = planCopy(from, to)
  const isOne = from.view !== undefined && from.view.record.id === to.view?.record.id
  if (isOne && `${plan.into}/${plan.name ?? ''}/`.startsWith(`${from.path}/`))
    throw new UsageError(`copy: ${from.said}: it would be copied into itself`)
  const words = await writerWords(store, to, request)
  const archive = startArchive(store, readerWords(store, { from, ...plan }, request), from.enter)
  const write = () => startUnpack(store, [...words, to.root, plan.into], to.enter)
  try {
    // one that does not run cannot be mounted for both at once
    const isSpooled = isOne && !isLive(from.view.status)
    const { warnings, report } = await (isSpooled ? pipeSpooled(store, archive, write) : pipeArchive(archive, write()))
    return [...warnings, ...describeSkipped([parseUntarReport(report)])]
  } catch (error) {
    archive.stdout.destroy()
    throw toDiskError(explain(error, (to.view ?? from.view)?.record.name ?? ''), `copy: ${to.said}`)
  }
}

async function pipeSpooled(store: Store, archive: Archive, write: () => ToolRun): Promise<Piped> {
  const dir = makeStagingDir(store.paths)
  const file = path.join(dir, 'archive')
  try {
    const fd = openSync(file, 'wx', 0o600)
    const warnings = await sendArchive(archive, (chunk) => {
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
      return true
    }).finally(() => closeSync(fd))
    const writer = write()
    const sent = pipeline(createReadStream(file, { highWaterMark: CHUNK_BYTES }), writer.stdin)
    sent.catch(() => undefined) // a writer that gives up says why itself
    return { warnings, report: await writer.finished }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function copyToStream(store: Store, from: TreeEnd, request: CopyRequest): Promise<readonly string[]> {
  const name = nameInStream(from)
  if (isatty(1))
    throw new UsageError('copy: standard output is a terminal', {
      hint: 'redirect it: lichen cp CONTAINER:PATH - > FILE',
    })
  const archive = startArchive(
    store,
    readerWords(store, { from, ...(name === undefined ? {} : { name }) }, request),
    from.enter,
  )
  try {
    return await sendArchive(archive, request.stdout)
  } catch (error) {
    throw explain(error, from.view?.record.name ?? '')
  }
}

async function copyFromStream(store: Store, to: TreeEnd, request: CopyRequest): Promise<readonly string[]> {
  const { into } = planUnpack(to)
  if (isatty(0)) throw new UsageError('copy: standard input is a terminal', { hint: 'redirect an archive in' })
  const words = await writerWords(store, to, request)
  const reader = startUnpack(store, [...words, to.root, into], to.enter)
  try {
    const { report } = await streamLayer({ subject: 'standard input', source: readStandardInput(), reader })
    return describeSkipped([parseUntarReport(report)])
  } catch (error) {
    throw toDiskError(explain(error, to.view?.record.name ?? ''), `copy: ${to.said}`)
  }
}

interface Reading {
  readonly from: TreeEnd
  readonly name?: string
}

/** Outside of containers the files are whoever's copies them, as podman has it; between two with `-a=false` they keep their owners. */
function readerWords(store: Store, { from, name }: Reading, { destination, chown, follow }: CopyRequest): string[] {
  const keepsOwners = !chown && destination.kind === 'container'
  const own = from.view === undefined ? [] : ownerWords(store, from.view.record)
  const owners = keepsOwners ? own : ['--owner', '0:0']
  const named = name === undefined ? [] : ['--name', name]
  return ['--mounts', ...owners, ...named, ...(follow ? [] : ['--link']), '--in', from.root, from.path]
}

async function writerWords(store: Store, to: TreeEnd, { chown, overwrite }: CopyRequest): Promise<string[]> {
  const words = [...(overwrite ? ['--overwrite'] : []), ...(to.view === undefined ? ['--no-devices'] : [])]
  if (hasSingleId(store)) return [...words, '--single-owner']
  if (to.view === undefined) return words
  const owners = ownerWords(store, to.view.record)
  if (!chown) return [...words, ...owners]
  const { uid, gid } = await findTreeUser(store, to.view, to)
  return [...words, ...owners, '--owner', `${uid}:${gid}`]
}
