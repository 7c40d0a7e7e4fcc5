// What `ps` shows only when asked: how much a container has written, and its namespaces. Costs a process or some reads per container.

import { readlinkSync } from 'node:fs'
import path from 'node:path'
import { findImage } from '../images/image-store.js'
import type { ContainerView } from '../model/container.js'
import { NotFoundError } from '../model/errors.js'
import { isUp } from '../model/status.js'
import { findProgram } from '../platform/host-facts.js'
import { tryInNamespace } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { containerDir } from '../state/records.js'
import { imageSize } from './images.js'

export interface ContainerSize {
  /** Bytes of the files that the container wrote. */
  readonly ownBytes: number
  /** Those and its image's. */
  readonly rootfsBytes: number
}

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'] as const
/** Inode numbers; empty where there is none to be seen. */
export type NamespaceIds = Readonly<Record<(typeof NAMESPACES)[number], string>>

/** Of a container that does not run: none. */
export function readNamespaces({ status, monitor }: ContainerView): NamespaceIds {
  const pid = isUp(status) ? monitor?.containerPid : undefined
  const entries = NAMESPACES.map((name) => [name, pid === undefined ? '' : readNamespace(pid, name)])
  return Object.fromEntries(entries) as NamespaceIds
}

/** It may end while we look; another user's is closed to us. */
function readNamespace(pid: number, name: string): string {
  try {
    return /\d+/.exec(readlinkSync(`/proc/${pid}/ns/${name}`))?.[0] ?? ''
  } catch {
    return ''
  }
}

/** By the sizes of its files, as podman counts; a file with several names counts once for each. */
export async function measureContainer(store: Store, { record }: ContainerView): Promise<ContainerSize> {
  const { id, plan } = record
  const ofImage = findImageBytes(store, plan.image.id)
  if (plan.rootfs !== undefined) return { ownBytes: 0, rootfsBytes: 0 }
  const isCopy = plan.storageDriver === 'copy'
  const bytes = await sumFiles(store, path.join(containerDir(store.paths, id), isCopy ? 'merged' : 'upper'))
  return isCopy
    ? { ownBytes: Math.max(0, bytes - ofImage), rootfsBytes: bytes }
    : { ownBytes: bytes, rootfsBytes: bytes + ofImage }
}

/** Its image may be gone by force. */
function findImageBytes(store: Store, id: string): number {
  try {
    return id === '' ? 0 : imageSize(store, findImage(store.paths, id))
  } catch (error) {
    if (error instanceof NotFoundError) return 0
    throw error
  }
}

/** Asked of find(1) in the user's namespace: files of a container may be closed to its owner. Those that vanish meanwhile do not count. */
async function sumFiles(store: Store, dir: string): Promise<number> {
  const find = findProgram('find', store.facts.env) ?? 'find'
  const { stdout } = await tryInNamespace(store, [find, dir, '-xdev', '!', '-type', 'd', '-printf', '%s\n'])
  return stdout
    .toString('latin1')
    .split('\n')
    .reduce((sum, line) => sum + Number(line), 0)
}
