// Records of older versions: a field that was not there yet means what every container did before there was a choice.

import type { ContainerPlan, ContainerRecord } from '../model/container.js'

/** What every container of a version without the field was. */
const BEFORE: Partial<ContainerPlan> = {
  resources: {},
  cgroups: 'enabled',
  limits: 'strict',
  annotations: {},
  restart: { name: 'no', maxRetries: 0 },
  timeoutS: 0,
  dependencies: [],
  sdnotify: 'ignore',

  entrypoint: [],
  umask: 0o22,
  groupAdd: [],
  systemd: false,
  userFiles: { addMissing: true, hostUsers: [] },
  addedCapabilities: [],
  noHostname: false,
  procOptions: [],
  namespaces: { pid: 'private', ipc: 'private', uts: 'private', cgroup: 'private' },
  sysctls: {},
  chrootDirs: [],

  readOnlyTmpfs: true,
  shmSizeBytes: 65536 * 1024,
  devices: [],
  deviceRules: [],
  secrets: [],
  volumesFrom: [],
  log: { driver: 'k8s-file', maxSizeBytes: 0, maxFiles: 1, tag: '' },
}

export function upgradeRecord(record: ContainerRecord): ContainerRecord {
  return { ...record, plan: { ...BEFORE, ...record.plan } }
}
