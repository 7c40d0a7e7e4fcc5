// Writes what the OCI runtime reads of a container: config.json and the small files mounted into it. Called with the rootfs mounted.

import { chmodSync, existsSync, readdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { ContainerPlan, ContainerRecord } from '../model/container.js'
import type { CgroupPlace } from '../model/limits.js'
import { writeFileAtomic } from '../platform/files.js'
import { monitorProgram } from '../platform/host-facts.js'
import { readOwnCapabilities } from '../platform/own-capabilities.js'
import type { Store } from '../platform/store.js'
import { mappedIdCount } from '../platform/userns.js'
import { NOTIFY_DIR } from '../runtime/oci-host.js'
import { serializeSpec, toOciSpec } from '../runtime/oci-spec.js'
import type { UserFiles } from '../runtime/passwd.js'
import {
  bpfCacheFile,
  keepCompiledBpf,
  type OciSeccomp,
  parseSeccompProfile,
  readCachedBpf,
  readSeccompProfile,
  toOciSeccomp,
} from '../runtime/seccomp.js'
import { toCheckProcesses } from '../runtime/words-health.js'
import { containerDir } from '../state/records.js'
import { decideUser } from './container-user.js'
import { writeEtcFiles } from './etc-files.js'
import { joinNamespaces } from './join-namespaces.js'
import { NOTHING_PREPARED, needsPreparing } from './prepared-files.js'

/** podman-run(1), --seccomp-policy. */
const SECCOMP_LABEL = 'io.containers.seccomp.profile'

export interface Bundle {
  /** Once the container is created: keep the filter that the runtime compiled, if it is new. */
  keepCompiledFilter(): void
}

export interface BundleNeeds {
  /** passwd and group of the mounted rootfs. */
  readonly userFiles: UserFiles
  readonly cgroup: CgroupPlace
  readonly monitorPid: number
  /** Where the monitor hears the container say that it is ready; undefined: nobody wants to know. */
  readonly notifyDir?: string
}

/** Throws UsageError when the plan's user does not exist in the rootfs. */
export async function writeBundle(
  store: Store,
  record: ContainerRecord,
  { userFiles, cgroup, monitorPid, notifyDir }: BundleNeeds,
): Promise<Bundle> {
  const { plan } = record
  const dir = containerDir(store.paths, record.id)
  const { user, files } = decideUser(store, record, userFiles)
  const seccomp = decideSeccomp(store, record)
  const cacheFile = seccomp === undefined ? undefined : bpfCacheFile(store.paths.cache, seccomp, plan.runtime)
  const seccompBpf = cacheFile === undefined ? undefined : readCachedBpf(cacheFile)
  const host = {
    id: record.id,
    rootfs: rootfsPath(dir, plan),
    user,
    ...(await joinNamespaces(store, record, monitorPid)),
    hasHostQueues: existsSync('/dev/mqueue'),
    usernsKind: store.userns.kind,
    idCount: mappedIdCount(store.userns.uidMap),
    seccomp,
    seccompBpf,
    files: [
      ...writeEtcFiles(store, record, files),
      ...(notifyDir === undefined ? [] : [{ hostPath: notifyDir, containerPath: NOTIFY_DIR }]),
    ],
    notifies: notifyDir !== undefined,
    filterDevices: store.userns.kind === 'none' && readOwnCapabilities().includes('CAP_SYS_RESOURCE'),
    hostDevices: plan.privileged ? listDevices('/dev') : [],
    initProgram: plan.initPath ?? monitorProgram(store.facts.env),
    cgroup,
  }
  const prepared = needsPreparing(plan)
    ? await (await import('./prepare-files.js')).prepareFiles({ store, record, monitorPid, host })
    : NOTHING_PREPARED
  const spec = toOciSpec(plan, { ...host, ...prepared })
  writeFileAtomic(path.join(dir, 'config.json'), serializeSpec(spec), { durable: false })
  for (const [file, check] of toCheckProcesses(plan, dir, spec.process as Record<string, unknown>))
    writeFileAtomic(file, serializeSpec(check), { durable: false })
  return {
    keepCompiledFilter: () => {
      if (cacheFile !== undefined && seccompBpf === undefined)
        keepCompiledBpf(cacheFile, path.join(store.paths.runtimeRoot, record.id))
    },
  }
}

/**
 * Who has ids of its own, and not the caller's, may not walk to the container's directory; it starts there, and needs no more than to pass its door.
 */
function rootfsPath(dir: string, plan: ContainerPlan): string {
  if (plan.rootfs !== undefined) return realpathSync(path.join(dir, 'merged'))
  if (plan.userns.mode !== 'mapped') return path.join(dir, 'merged')
  chmodSync(dir, 0o711)
  return 'merged'
}

/** Without a label the image has nothing to say, and the default holds. */
function decideSeccomp(store: Store, { plan }: ContainerRecord): OciSeccomp | undefined {
  if (plan.seccomp === 'unconfined') return undefined
  const label = plan.seccomp === 'image' ? plan.labels[SECCOMP_LABEL] : undefined
  const profile =
    label === undefined
      ? readSeccompProfile(plan.seccomp === 'image' ? 'default' : plan.seccomp)
      : parseSeccompProfile(label, `label ${SECCOMP_LABEL}`)
  const { capabilities } = plan
  return toOciSeccomp(profile, { capabilities, arch: process.arch, kernelRelease: store.facts.kernelRelease })
}

/** Device nodes below /dev that a privileged container is given, without those that every container has of its own. */
function listDevices(dir: string): string[] {
  const own = new Set([
    '/dev/pts',
    '/dev/shm',
    '/dev/mqueue',
    '/dev/fd',
    '/dev/console',
    '/dev/ptmx',
    '/dev/null',
    '/dev/zero',
    '/dev/full',
    '/dev/random',
    '/dev/urandom',
    '/dev/tty',
    '/dev/stdin',
    '/dev/stdout',
    '/dev/stderr',
  ])
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(dir, entry.name)
    if (own.has(file)) return []
    if (entry.isDirectory()) return listDevices(file)
    return entry.isCharacterDevice() || entry.isBlockDevice() ? [file] : []
  })
}
