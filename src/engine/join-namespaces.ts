// Where the namespaces are, now, that a container is to join: of processes that run, or at paths that were said.

import { readlinkSync, statSync } from 'node:fs'
import path from 'node:path'
import type { ContainerPlan, ContainerRecord } from '../model/container.js'
import { ConflictError, errorCode, HostError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import type { NamespaceKind } from '../runtime/oci-host.js'
import { containerDir, readRecord } from '../state/records.js'
import { viewContainer } from '../state/views.js'

/** As files of /proc/PID/ns call them. */
const FILES: Readonly<Record<NamespaceKind, string>> = {
  pid: 'pid',
  ipc: 'ipc',
  uts: 'uts',
  cgroup: 'cgroup',
  network: 'net',
  user: 'user',
}

export interface JoinedNamespaces {
  readonly joined: Readonly<Partial<Record<NamespaceKind, string>>>
  readonly sharedMemory?: string
}

/** Those that are the host's own, as a container made with `host` has them, are left out: nobody needs to join them, and not everybody may. */
function findNamespaces(store: Store, { name, plan }: ContainerRecord): JoinedNamespaces {
  const joined: Partial<Record<NamespaceKind, string>> = {}
  for (const [kind, mode] of joinedModes(plan)) {
    const file = mode.startsWith('ns:')
      ? mode.slice('ns:'.length)
      : `/proc/${findPid(store, mode.slice('container:'.length), name)}/ns/${FILES[kind]}`
    if (!isHosts(file, kind)) joined[kind] = file
  }
  return { joined }
}

/** The same, with the /dev/shm that belongs to a joined container, mounted where the monitor of this one sees it. */
export async function joinNamespaces(
  store: Store,
  record: ContainerRecord,
  monitorPid: number,
): Promise<JoinedNamespaces> {
  const found = findNamespaces(store, record)
  const id = /^container:(.*)$/.exec(record.plan.namespaces.ipc)?.[1]
  if (found.joined.ipc === undefined || id === undefined) return found
  const target = path.join(containerDir(store.paths, record.id), 'shm')
  const { graftSharedMemory } = await import('../runtime/rootfs-files.js')
  await graftSharedMemory(store, { pid: findPid(store, id, record.name), monitorPid, target })
  return { ...found, sharedMemory: target }
}

function joinedModes({ namespaces, network, usernsOf }: ContainerPlan): [kind: NamespaceKind, mode: string][] {
  const modes = { ...namespaces, network, ...(usernsOf === undefined ? {} : { user: usernsOf }) }
  return (Object.entries(modes) as [NamespaceKind, string][]).filter(([, mode]) => /^(container|ns):/.test(mode))
}

/** Of a container's first process. */
function findPid(store: Store, id: string, dependent: string): number {
  const record = readRecord(store.paths, id)
  const view = record === undefined ? undefined : viewContainer(store.paths, record)
  const pid = view?.status === 'running' || view?.status === 'paused' ? view.monitor?.containerPid : undefined
  if (pid !== undefined && pid > 0) return pid
  throw new ConflictError(
    `start container: ${dependent}: container ${record?.name ?? id.slice(0, 12)}, whose namespace it joins, is not running`,
    { hint: record === undefined ? 'make it anew' : `lichen start ${record.name}` },
  )
}

function isHosts(file: string, kind: NamespaceKind): boolean {
  try {
    const own = `/proc/self/ns/${FILES[kind]}`
    if (file.startsWith('/proc/')) return readlinkSync(file) === readlinkSync(own)
    return statSync(file).ino === statSync(own).ino
  } catch (cause) {
    throw new HostError(`join namespace: ${file}: ${errorCode(cause) ?? String(cause)}`, { cause })
  }
}
