// A blob to a registry: all its bytes in one request, which every registry is used to. Where that breaks, or is too large for somebody on
// the way, the rest goes in pieces, from where the registry says it is. OCI distribution-spec, "Pushing blobs".

import { BadInputError, HostError, LichenError } from '../../model/errors.js'
import type { Digest } from '../../model/image.js'
import { type Chunks, closeChunks } from '../../platform/byte-streams.js'
import type { HttpResponse } from './http.js'
import type { Remote, RemoteRequest } from './remote.js'
import type { BlobUpload } from './repository.js'
import { startTries, TransientError } from './retry.js'

/** Where an upload goes on, and from which byte. */
export interface Session {
  readonly location: URL
  readonly offset: number
}

interface Upload {
  readonly remote: Remote
  readonly path: string
  readonly blob: BlobUpload
  readonly what: string
}

const PIECE_BYTES = 16 * 1024 * 1024
/** A registry hashes everything before it answers the last request. */
const COMMIT_SILENCE_MS = 10 * 60_000

export async function hasBlob(remote: Remote, path: string, digest: Digest): Promise<boolean> {
  const what = `look for blob: ${remote.domain}/${path}@${digest}`
  const request = { method: 'HEAD', target: `${path}/blobs/${digest}`, expects: [200, 404], what } as const
  return await remote.ask(request, ({ status }) => status === 200)
}

/** The registry links the blob (`mounted`), or has begun an upload for it instead. Undefined: it will not, whyever: the blob can still be sent. */
export async function mountBlob(
  remote: Remote,
  { path, digest, fromPath }: { path: string; digest: Digest; fromPath: string },
): Promise<Session | 'mounted' | undefined> {
  const query = new URLSearchParams({ mount: digest, from: fromPath })
  const request: RemoteRequest = {
    method: 'POST',
    target: `${path}/blobs/uploads/?${query}`,
    expects: [201, 202],
    scopes: [`repository:${fromPath}:pull`],
    what: `mount blob: ${remote.domain}/${path}@${digest}`,
  }
  try {
    return await remote.ask(request, (response) =>
      response.status === 201 ? 'mounted' : toSession(response, { offset: 0, what: request.what }),
    )
  } catch (error) {
    // we may not read the other repository, or there is no such one, or the registry knows no mounts
    if (error instanceof LichenError && !(error instanceof TransientError)) return undefined
    throw error
  }
}

/** Idempotent. `begun`: a session that may be used. Throws what the last try failed with. */
export async function putBlob(remote: Remote, path: string, blob: BlobUpload, begun?: Session): Promise<void> {
  const upload: Upload = { remote, path, blob, what: `send blob: ${remote.domain}/${path}@${blob.digest}` }
  const tries = startTries(remote.policy)
  let session = begun
  let pieceBytes = blob.size
  for (;;) {
    try {
      session ??= await begin(upload)
      while (session.offset < blob.size) {
        session = await sendPiece(upload, session, pieceBytes)
        blob.onSent?.(session.offset)
      }
      return await commit(upload, session)
    } catch (error) {
      if (!isTooLarge(error, pieceBytes)) await tries.pause(remote.explain(error, upload.what), session?.offset)
      pieceBytes = Math.min(pieceBytes, PIECE_BYTES)
      // the answer may be all that was lost
      if (await hasBlob(remote, path, blob.digest)) return blob.onSent?.(blob.size)
      session = session && (await findOffset(upload, session))
    }
  }
}

async function begin({ remote, path, what }: Upload): Promise<Session> {
  const response = await remote.send({ method: 'POST', target: `${path}/blobs/uploads/`, expects: [202], what })
  response.close()
  return toSession(response, { offset: 0, what })
}

async function sendPiece(upload: Upload, { location, offset }: Session, pieceBytes: number): Promise<Session> {
  const { remote, blob, what } = upload
  const end = Math.min(blob.size, offset + pieceBytes)
  // of a whole blob registries do not expect it
  const range = { 'content-range': `${offset}-${end - 1}` }
  const response = await remote.send({
    method: 'PATCH',
    target: location,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(end - offset),
      ...(end - offset === blob.size ? {} : range),
    },
    body: () => takeUntil(blob, offset, end),
    expects: [202, 404, 413, 416],
    what,
  })
  response.close()
  if (response.status === 202) return toSession(response, { offset: end, what })
  if (response.status === 413) throw new TooLargeError(`${what}: a request of ${end - offset} bytes is too large`)
  throw new TransientError(`${what}: the registry has lost the upload`)
}

/** Somebody on the way takes no request of this size. */
class TooLargeError extends HostError {}

function isTooLarge(error: unknown, pieceBytes: number): boolean {
  return error instanceof TooLargeError && pieceBytes > PIECE_BYTES
}

/** The bytes from `offset` to `end`; their source is closed when they are not wanted any more. */
async function* takeUntil(blob: BlobUpload, offset: number, end: number): AsyncGenerator<Buffer> {
  const chunks: Chunks = blob.open(offset)
  let at = offset
  try {
    for await (const chunk of chunks) {
      const piece = chunk.subarray(0, end - at)
      if (piece.length > 0) yield piece
      at += piece.length
      blob.onSent?.(at)
      if (at === end) return
    }
    throw new BadInputError(`read blob: ${blob.digest}: it has ${at} bytes, ${blob.size} were announced`)
  } finally {
    await closeChunks(chunks)
  }
}

async function commit({ remote, blob, what }: Upload, { location }: Session): Promise<void> {
  const target = new URL(location)
  // not by searchParams.set: that would write the registry's own parameters anew, which some sign
  target.search = `${target.search === '' ? '?' : `${target.search}&`}digest=${encodeURIComponent(blob.digest)}`
  const request = { method: 'PUT', target, expects: [201, 204], silenceMs: COMMIT_SILENCE_MS, what } as const
  const response = await remote.send({ ...request, headers: { 'content-type': 'application/octet-stream' } })
  response.close()
}

/** How far the registry came. Undefined: it does not know the upload any more, or not how far. */
async function findOffset({ remote, blob, what }: Upload, { location }: Session): Promise<Session | undefined> {
  const request = { method: 'GET', target: location, expects: [204, 400, 404, 405, 416], what } as const
  return await remote.ask(request, (response) => {
    const last = /^(?:bytes=)?0-(\d+)$/.exec(response.headers.get('range') ?? '')?.[1]
    if (response.status !== 204 || last === undefined) return undefined
    // "0-0" is said of nothing as well; a single byte more or less is not worth a mistake
    const offset = last === '0' ? 0 : Number(last) + 1
    return offset > blob.size ? undefined : toSession(response, { offset, what, location })
  })
}

/** `Location` may be relative, and at another host. */
function toSession(
  response: HttpResponse,
  { offset, what, location: fallback }: { offset: number; what: string; location?: URL },
): Session {
  const text = response.headers.get('location')
  const location = text !== null && URL.canParse(text, response.url.href) ? new URL(text, response.url) : fallback
  if (location === undefined || !/^https?:$/.test(location.protocol))
    throw new BadInputError(`${what}: the registry does not say where the blob is to be sent`)
  return { location, offset }
}
