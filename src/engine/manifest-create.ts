// `manifest create` and `manifest add`: a new list, and images in it. The registry is asked before the list changes: it changes once, or
// not at all.

import type { ImageIndex } from '../images/documents.js'
import { hostPlatform } from '../images/host-platform.js'
import { applyChange, newList, withEntry } from '../images/list-document.js'
import { checkMember, findLocalMembers, findRemoteMembers, type MemberChoice } from '../images/list-members.js'
import { changeList, createList, findList } from '../images/manifest-lists.js'
import { searchDomains } from '../images/registry/endpoints.js'
import { openRepository } from '../images/registry/repository.js'
import { sweepBlobs } from '../images/remove-images.js'
import { NotFoundError, UsageError } from '../model/errors.js'
import type { Descriptor } from '../model/image.js'
import { formatImageRef, type ImageRef, parseImageRef } from '../model/image-ref.js'
import type { EntryChange } from '../model/manifest-list.js'
import type { RegistryOptions } from '../model/registry.js'
import { randomHex } from '../platform/random.js'
import type { Engine } from './engine.js'
import { requireList } from './manifest-find.js'

export interface AddRequest {
  /** References of local images or lists (by ID, too), or of a registry's; `docker://` and `containers-storage:` say which. */
  readonly images: readonly string[]
  /** Every image of an index, not only this host's. */
  readonly all: boolean
  readonly registry: RegistryOptions
  /** For each of the entries. */
  readonly change?: EntryChange
}

export interface CreateListRequest extends AddRequest {
  readonly name: string
  /** Add to the list when there is one of that name. */
  readonly amend: boolean
  /** Of the list itself. */
  readonly annotations?: Readonly<Record<string, string>>
}

/** Returns the list's ID. Throws ConflictError when the name is taken; errors of `addToList`. */
export async function createManifestList(engine: Engine, request: CreateListRequest): Promise<string> {
  const name = formatImageRef(parseListName(request.name))
  if (request.amend && findList(engine.paths, name) !== undefined) return await addToList(engine, name, request)
  const entries = await findMembers(engine, request)
  const id = randomHex(32)
  await createList(engine.paths, name, withEntries(engine, newList(id, request.annotations), entries))
  return id
}

/** Returns the list's ID. Throws NotFoundError when the list or an image is nowhere; HostError, BadInputError about a registry. */
export async function addToList(engine: Engine, name: string, request: AddRequest): Promise<string> {
  const { id } = requireList(engine, name).list
  const entries = await findMembers(engine, request)
  await changeList(engine.paths, id, (index) => withEntries(engine, index, entries))
  await sweepBlobs(engine.paths)
  return id
}

function withEntries({ paths }: Engine, index: ImageIndex, entries: readonly Descriptor[]): ImageIndex {
  for (const entry of entries) checkMember(paths, entry)
  return entries.reduce(withEntry, index)
}

/** A short name is one of this host's: nothing was pulled. */
function parseListName(text: string): ImageRef {
  const ref = parseImageRef(text, 'localhost')
  if (ref.digest === undefined) return ref
  throw new UsageError(`create list: ${text}: a digest cannot be given, it comes from the contents`)
}

async function findMembers(engine: Engine, request: AddRequest): Promise<Descriptor[]> {
  const choice: MemberChoice = { all: request.all, platform: hostPlatform() }
  const entries: Descriptor[] = []
  for (const text of request.images) entries.push(...(await findMembersOf(engine, text, { ...request, choice })))
  const { change } = request
  return change === undefined ? entries : entries.map((entry) => applyChange(entry, change))
}

interface Finding extends AddRequest {
  readonly choice: MemberChoice
}

/** What is here comes first, as for `run`: a local image is never mistaken for a stranger's of the same short name. */
async function findMembersOf(engine: Engine, text: string, finding: Finding): Promise<Descriptor[]> {
  const [, transport, name = text] = /^(docker:\/\/|containers-storage:|[a-z-]+:(?=\/))(.*)$/.exec(text) ?? []
  if (transport !== undefined && transport !== 'docker://' && transport !== 'containers-storage:') {
    throw new UsageError(`add to list: ${text}: images come from a registry or the local store`, {
      hint: 'archives and directories are read with `lichen load -i PATH`',
    })
  }
  const local = transport === 'docker://' ? undefined : findLocalMembers(engine.paths, name, finding.choice)
  if (local !== undefined) return local
  if (transport === 'containers-storage:')
    throw new NotFoundError(`add to list: ${name}: not in the local store`, {
      hint: '`lichen images` lists what is there',
    })
  return await findInRegistries(engine, name, finding)
}

/** A short name is looked for in one domain after the other. */
async function findInRegistries(engine: Engine, name: string, { choice, registry }: Finding): Promise<Descriptor[]> {
  const { facts, report } = engine
  const refs = new Map(
    searchDomains(facts).map((domain) => {
      const ref = parseImageRef(name, domain)
      return [formatImageRef(ref), ref] as const
    }),
  )
  let missing: NotFoundError | undefined
  for (const ref of refs.values()) {
    try {
      const repository = openRepository({ facts, ref, purpose: 'pull', options: registry, report })
      return await findRemoteMembers(repository, ref, choice)
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error
      missing ??= error
    }
  }
  throw missing ?? new NotFoundError(`add to list: ${name}: no registry to ask`)
}
