// Writes what the OCI runtime reads of a container: config.json and the small files mounted into it. Called with the rootfs mounted.

import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { makeNetworkFiles } from '../network/files.js'
import { ensureDirectory, readFileIfExists, writeFileAtomic } from '../platform/files.js'
import { monitorProgram } from '../platform/host-facts.js'
import { readOwnCapabilities } from '../platform/own-capabilities.js'
import type { Store } from '../platform/store.js'
import { mappedIdCount } from '../platform/userns.js'
import { serializeSpec, toOciSpec } from '../runtime/oci-spec.js'
import { addGroup, addUser, type ContainerUser, resolveUser, type UserFiles } from '../runtime/passwd.js'
import {
  bpfCacheFile,
  keepCompiledBpf,
  type OciSeccomp,
  readCachedBpf,
  readSeccompProfile,
  toOciSeccomp,
} from '../runtime/seccomp.js'
import { containerDir } from '../state/records.js'

export interface Bundle {
  /** Once the container is created: keep the filter that the runtime compiled, if it is new. */
  keepCompiledFilter(): void
}

/** Throws UsageError when the plan's user does not exist in the rootfs. */
export function writeBundle(store: Store, record: ContainerRecord, userFiles: UserFiles): Bundle {
  const { plan } = record
  const dir = containerDir(store.paths, record.id)
  const user = resolveUser(plan.process.user, userFiles)
  const seccomp = decideSeccomp(store, record)
  const cacheFile = seccomp === undefined ? undefined : bpfCacheFile(store.paths.cache, seccomp, plan.runtime)
  const seccompBpf = cacheFile === undefined ? undefined : readCachedBpf(cacheFile)
  const spec = toOciSpec(plan, {
    rootfs: path.join(dir, 'merged'),
    user,
    usernsKind: store.userns.kind,
    idCount: mappedIdCount(store.userns.uidMap),
    seccomp,
    seccompBpf,
    files: writeEtcFiles(store, record, addMissingUser(store, record, { user, userFiles })),
    filterDevices: store.userns.kind === 'none' && readOwnCapabilities().includes('CAP_SYS_RESOURCE'),
    hostDevices: plan.privileged ? listDevices('/dev') : [],
    initProgram: monitorProgram(store.facts.env),
  })
  writeFileAtomic(path.join(dir, 'config.json'), serializeSpec(spec), { durable: false })
  return {
    keepCompiledFilter: () => {
      if (cacheFile !== undefined && seccompBpf === undefined)
        keepCompiledBpf(cacheFile, path.join(store.paths.runtimeRoot, record.id))
    },
  }
}

/** passwd and group with the user that runs, where the image does not know them: the caller's own name with keep-id, else the number. */
function addMissingUser(
  store: Store,
  { plan: { userns, process } }: ContainerRecord,
  { user, userFiles }: { readonly user: ContainerUser; readonly userFiles: UserFiles },
): UserFiles {
  const { userName } = store.facts
  const nameOf = (kind: 'uid' | 'gid'): string =>
    userns.mode === 'keep-id' && user[kind] === userns[kind] ? userName : String(user[kind])
  const { passwd = '', group = '' } = userFiles
  return {
    passwd: user.isUnknown ? addUser(passwd, { user, name: nameOf('uid'), home: process.cwd }) : undefined,
    group: user.isGroupUnknown ? addGroup(group, { gid: user.gid, name: nameOf('gid') }) : undefined,
  }
}

function decideSeccomp(store: Store, { plan }: ContainerRecord): OciSeccomp | undefined {
  if (plan.seccomp === 'unconfined') return undefined
  const { capabilities } = plan
  return toOciSeccomp(readSeccompProfile(plan.seccomp), {
    capabilities,
    arch: process.arch,
    kernelRelease: store.facts.kernelRelease,
  })
}

/** hosts, hostname, resolv.conf, .containerenv and, where a user was added, passwd and group. */
function writeEtcFiles(
  store: Store,
  record: ContainerRecord,
  { passwd, group }: UserFiles,
): { hostPath: string; containerPath: string }[] {
  const dir = path.join(containerDir(store.paths, record.id), 'etc')
  ensureDirectory(dir, 0o755)
  const { hosts, hostname, resolvConf } = makeNetworkFiles({
    mode: record.plan.network,
    hostname: record.plan.hostname,
    containerName: record.name,
    hostHosts: readFileIfExists('/etc/hosts'),
    hostResolvConf: readFileIfExists('/etc/resolv.conf'),
  })
  const files: [string, string | undefined, string][] = [
    ['hosts', hosts, '/etc/hosts'],
    ['hostname', hostname, '/etc/hostname'],
    ['resolv.conf', resolvConf, '/etc/resolv.conf'],
    ['containerenv', '', '/run/.containerenv'],
    ['passwd', passwd, '/etc/passwd'],
    ['group', group, '/etc/group'],
  ]
  return files.flatMap(([name, text, containerPath]) => {
    if (text === undefined) return []
    const hostPath = path.join(dir, name)
    writeFileSync(hostPath, text, { mode: 0o644 })
    return [{ hostPath, containerPath }]
  })
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
