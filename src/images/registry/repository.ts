// One repository of a registry, as the verbs see it: manifests and blobs by digest. Which mirror answers, who is asked for a token and
// how often a request is repeated is decided behind it. OCI distribution-spec, and Docker's registry API v2 where that differs.

import { HostError, LichenError, NotFoundError } from '../../model/errors.js'
import type { Descriptor, Digest } from '../../model/image.js'
import type { ImageRef } from '../../model/image-ref.js'
import type { ProgressReport } from '../../model/progress.js'
import type { RegistryOptions } from '../../model/registry.js'
import type { Chunks } from '../../platform/byte-streams.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { type Endpoint, findEndpoints } from './endpoints.js'
import { getManifest, putManifest } from './fetch-manifest.js'
import { listTags } from './list-tags.js'
import { readBlob, type WantedBlob } from './read-blob.js'
import { openRemote, type Remote } from './remote.js'
import { hasBlob, mountBlob, putBlob, type Session } from './upload.js'

export interface FetchedManifest {
  /** Exactly what the registry keeps; `digest` is theirs. */
  readonly bytes: Buffer
  readonly digest: Digest
  readonly mediaType: string
}

export interface BlobUpload {
  readonly digest: Digest
  readonly size: number
  /** The bytes from there on; called again when an upload is resumed. */
  readonly open: (fromByte: number) => Chunks
  /** Bytes the registry has taken so far. */
  readonly onSent?: (sentBytes: number) => void
}

export interface Repository {
  /** `domain/path`, for messages and for cross-repository mounts. */
  readonly name: string
  /** By tag or digest. The bytes were checked against a digest asked for. Throws NotFoundError, BadInputError, HostError. */
  readonly getManifest: (reference: string) => Promise<FetchedManifest>
  /**
   * The bytes of a blob from `fromByte` to its end. A connection that breaks is made again where it broke; never more bytes than
   * `descriptor.size`, and an error when there are fewer. The digest is the reader's to check.
   */
  readonly readBlob: (descriptor: Pick<Descriptor, 'digest' | 'size'>, fromByte: number) => Chunks
  readonly hasBlob: (digest: Digest) => Promise<boolean>
  /** True: the registry has linked the blob of another of its repositories (`path`, without the domain) into this one. */
  readonly mountBlob: (digest: Digest, fromPath: string) => Promise<boolean>
  /** In chunks; resumed where the registry says it is after a break. */
  readonly putBlob: (upload: BlobUpload) => Promise<void>
  /** Under a tag or its own digest. */
  readonly putManifest: (reference: string, manifest: FetchedManifest) => Promise<void>
  /** Sorted as the registry sorts them. */
  readonly listTags: () => Promise<readonly string[]>
}

export interface RepositoryRequest {
  readonly facts: HostFacts
  readonly ref: ImageRef
  /** Mirrors serve pulls only. */
  readonly purpose: 'pull' | 'push'
  readonly options: RegistryOptions
  readonly report: ProgressReport
}

/** Sends nothing yet. Throws UsageError or HostError when the settings forbid this registry or cannot be read. */
export function openRepository(request: RepositoryRequest): Repository {
  const { facts, ref, purpose } = request
  const name = `${ref.domain}/${ref.path}`
  const places = openPlaces(
    findEndpoints(facts, ref, purpose).map((endpoint) => toPlace(request, endpoint)),
    request,
  )
  const { remote, path } = places.own
  const named = (at: Place, reference: string) => ({ path: at.path, reference, name: withReference(name, reference) })
  const sessions = new Map<Digest, Session>()
  return {
    name,
    getManifest: (reference) => useFirst(places, (at) => getManifest(at.remote, named(at, reference))),
    readBlob: (blob, fromByte) => readAnywhere(places, blob, fromByte),
    hasBlob: (digest) => hasBlob(remote, path, digest),
    mountBlob: async (digest, fromPath) => {
      const answer = await mountBlob(remote, { path, digest, fromPath })
      if (answer !== undefined && answer !== 'mounted') sessions.set(digest, answer)
      return answer === 'mounted'
    },
    putBlob: (upload) => putBlob(remote, path, upload, takeSession(sessions, upload.digest)),
    putManifest: (reference, manifest) => putManifest(remote, named(places.own, reference), manifest),
    listTags: () => useFirst(places, (at) => listTags(at.remote, at.path, name)),
  }
}

/** A repository at one endpoint. */
interface Place {
  readonly remote: Remote
  readonly path: string
}

function toPlace({ facts, purpose, options, report }: RepositoryRequest, endpoint: Endpoint): Place {
  const actions = purpose === 'push' ? 'pull,push' : 'pull'
  const scopes = [`repository:${endpoint.path}:${actions}`]
  return { remote: openRemote({ facts, endpoint, options, report, scopes }), path: endpoint.path }
}

interface Places {
  /** The registry itself: the last one asked. */
  readonly own: Place
  /** Who is to be asked, in this order. */
  readonly inOrder: () => readonly Place[]
  /** Returns when the next place is to be asked: a mirror's error is a note, the registry's own is thrown. */
  readonly passOver: (place: Place, error: unknown) => void
}

function openPlaces(all: readonly Place[], { report }: RepositoryRequest): Places {
  const own = all.at(-1)
  if (own === undefined) throw new HostError('open repository: its settings name no registry')
  const failed = new Set<Place>()
  return {
    own,
    inOrder: () => all.filter((place) => !failed.has(place)),
    passOver: (place, error) => {
      if (place === own || !(error instanceof LichenError)) throw error
      // one that lacks this image may have others; one that does not answer is not asked for each layer anew
      if (!(error instanceof NotFoundError)) failed.add(place)
      report.onNote(`Passing over the mirror ${place.remote.host}: ${error.message}`)
    },
  }
}

async function useFirst<T>(
  places: Places,
  use: (place: Place) => Promise<T>,
  [place = places.own, ...others] = places.inOrder(),
): Promise<T> {
  try {
    return await use(place)
  } catch (error) {
    places.passOver(place, error)
    return await useFirst(places, use, others)
  }
}

/** Where one place gives up in the middle, the next one goes on. */
async function* readAnywhere(places: Places, blob: WantedBlob, fromByte: number): AsyncGenerator<Buffer> {
  let position = fromByte
  for (const place of places.inOrder()) {
    try {
      for await (const chunk of readBlob(place.remote, { path: place.path, blob, fromByte: position })) {
        position += chunk.length
        yield chunk
      }
      return
    } catch (error) {
      places.passOver(place, error)
    }
  }
}

function withReference(name: string, reference: string): string {
  return `${name}${reference.includes(':') ? '@' : ':'}${reference}`
}

/** What a refused mount has begun is used by the upload that follows. */
function takeSession(sessions: Map<Digest, Session>, digest: Digest): Session | undefined {
  const session = sessions.get(digest)
  sessions.delete(digest)
  return session
}
