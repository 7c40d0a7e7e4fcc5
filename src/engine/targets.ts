// Which containers a verb is for: those named, those whose ids are in files, all, the newest, or those that pass filters. All of them are
// found before anything is done to one, as podman does it.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ContainerView } from '../model/container.js'
import { errorCode, HostError, NotFoundError } from '../model/errors.js'
import type { Filter } from '../model/filter.js'
import type { Store } from '../platform/store.js'
import { findId, listRecords, noSuchContainer } from '../state/records.js'

export interface TargetRequest {
  readonly names: readonly string[]
  /** Files that begin with the id of a container (--cidfile). */
  readonly cidfiles?: readonly string[]
  readonly latest?: boolean
  readonly all?: boolean
  readonly filters?: readonly Filter[]
  /** Of those that nobody named: only these. */
  readonly among?: (view: ContainerView) => boolean
  /** Names and files that lead to nothing are passed over. */
  readonly ignoreMissing?: boolean
}

export interface Target {
  readonly id: string
  /** What the verb's answer calls it: as it was typed, else its id. */
  readonly shown: string
}

/** Throws NotFoundError for the first name that means nothing. */
export async function findTargets(store: Store, request: TargetRequest): Promise<readonly Target[]> {
  const { names, cidfiles = [], latest = false, all = false, filters = [] } = request
  if (latest) return [findLatest(store)]
  if (all || filters.length > 0) return await selectTargets(store, request)
  const typed = [...names, ...cidfiles.flatMap((file) => readCidfile(store, file, request))]
  return typed.flatMap((name) => findNamed(store, name, request))
}

/** The container that was created last. */
export function findLatest({ paths }: Store): Target {
  const newest = listRecords(paths, () => undefined).at(-1)
  if (newest === undefined) throw new NotFoundError('find container: --latest: no containers exist')
  return { id: newest.id, shown: newest.id }
}

/** Damaged ones belong to `all`, if nothing is asked of them. */
async function selectTargets(store: Store, { filters = [], among }: TargetRequest): Promise<readonly Target[]> {
  const { listContainers } = await import('./ps.js')
  const { selectContainers } = await import('../model/container-filter.js')
  const damaged: string[] = []
  const views = await listContainers(store, (id) => void damaged.push(id))
  const selected = selectContainers(views, { all: true, filter: filters })
  const ids = selected.filter((view) => among?.(view) ?? true).map(({ record }) => record.id)
  const isEverything = filters.length === 0 && among === undefined
  return (isEverything ? [...ids, ...damaged] : ids).map((id) => ({ id, shown: id }))
}

function findNamed(store: Store, name: string, { ignoreMissing = false }: TargetRequest): readonly Target[] {
  const id = findId(store.paths, name)
  if (id !== undefined) return [{ id, shown: name }]
  if (ignoreMissing) return []
  throw noSuchContainer(name)
}

function readCidfile({ facts }: Store, file: string, { ignoreMissing = false }: TargetRequest): readonly string[] {
  try {
    return [readFileSync(path.resolve(facts.cwd, file), 'utf8').split('\n')[0]?.trim() ?? '']
  } catch (cause) {
    const code = errorCode(cause)
    if (code === 'ENOENT' && ignoreMissing) return []
    throw new HostError(`read --cidfile: ${file}: ${code === 'ENOENT' ? 'no such file or directory' : code}`, { cause })
  }
}
