// The small files that are written for a container at each start and mounted over its own: hosts, hostname, resolv.conf, .containerenv; where there
// is need, passwd, group and localtime.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { makeNetworkFiles } from '../network/files.js'
import { ensureDirectory, readFileIfExists } from '../platform/files.js'
import type { Store } from '../platform/store.js'
import { findTimezone } from '../platform/timezone.js'
import type { UserFiles } from '../runtime/passwd.js'
import { containerDir, readRecord } from '../state/records.js'

interface EtcFile {
  readonly hostPath: string
  readonly containerPath: string
}

/** `passwd` and `group` are undefined where the image's serve. */
export function writeEtcFiles(store: Store, record: ContainerRecord, { passwd, group }: UserFiles): EtcFile[] {
  const { plan, id } = record
  const dir = path.join(containerDir(store.paths, id), 'etc')
  ensureDirectory(dir, 0o755)
  const files: [string, string | Buffer | undefined, string][] = [
    ['containerenv', '', '/run/.containerenv'],
    ['passwd', passwd, '/etc/passwd'],
    ['group', group, '/etc/group'],
    [
      'localtime',
      plan.timezone === undefined ? undefined : readFileSync(findTimezone(plan.timezone)),
      '/etc/localtime',
    ],
  ]
  const made = files.flatMap(([name, content, containerPath]) => {
    if (content === undefined) return []
    const hostPath = path.join(dir, name)
    writeFileSync(hostPath, content, { mode: 0o644 })
    return [{ hostPath, containerPath }]
  })
  const network = writeNetworkFiles(store, record, dir)
  return [...network, ...made, ...plan.chrootDirs.flatMap((root) => below(root, network))]
}

/** Who shares another container's network is found by its names, too, and asks the same servers. */
function writeNetworkFiles(store: Store, { name, plan }: ContainerRecord, dir: string): EtcFile[] {
  const texts = makeNetworkFiles({
    mode: plan.network,
    hostname: plan.hostname,
    ...(plan.domainname === undefined ? {} : { domainname: plan.domainname }),
    containerName: name,
    hostHosts: readFileIfExists('/etc/hosts'),
    hostResolvConf: readFileIfExists('/etc/resolv.conf'),
  })
  const files = { hosts: texts.hosts, hostname: texts.hostname, 'resolv.conf': texts.resolvConf }
  const other = findNetworkOwner(store, plan.network)
  return Object.entries(files).flatMap(([file, text]) => {
    if (file === 'hostname' && plan.noHostname) return []
    const isShared = other !== undefined && file !== 'hostname'
    const hostPath = isShared ? path.join(containerDir(store.paths, other), 'etc', file) : path.join(dir, file)
    if (!isShared) writeFileSync(hostPath, text, { mode: 0o644 })
    return [{ hostPath, containerPath: `/etc/${file}` }]
  })
}

/** Who shares the network of one that shares another's has it of that one, and so on; undefined: it is the container's own, or the host's. */
function findNetworkOwner(store: Store, mode: string): string | undefined {
  const id = /^container:(.*)$/.exec(mode)?.[1]
  const record = id === undefined ? undefined : readRecord(store.paths, id)
  return record === undefined ? undefined : (findNetworkOwner(store, record.plan.network) ?? record.id)
}

const below = (root: string, files: readonly EtcFile[]): EtcFile[] =>
  files.map(({ hostPath, containerPath }) => ({ hostPath, containerPath: `${root}${containerPath}` }))
