// The smallest request, plan and hosts that the unit tests of planners and of the runtime's spec begin with: each test changes what it is about.

import { type PlanHost, planContainer } from '../../src/engine/plan.js'
import { ALL_CAPABILITIES } from '../../src/model/capabilities.js'
import type { ContainerPlan } from '../../src/model/container.js'
import type { ImageProcessConfig, LocalImage } from '../../src/model/image.js'
import type { CreateRequest } from '../../src/model/run-request.js'
import type { OciHost } from '../../src/runtime/oci-host.js'
import type { OciMount } from '../../src/runtime/oci-mounts.js'
import { toOciSpec } from '../../src/runtime/oci-spec.js'

/** What the planners are told of an unprivileged user's machine. */
export const baseHost: PlanHost = {
  id: 'f'.repeat(64),
  cwd: '/home/me',
  requiredIds: [],
  hostname: 'machine',
  env: { FOO: 'from-host', APP_A: '1', APP_B: '2' },
  envFromFiles: [],
  userns: { mode: 'shared' },
  joined: new Map(),
  storageDriver: 'overlay',
  layers: ['aaaa'],
  runtime: '/usr/bin/crun',
  availableCapabilities: ALL_CAPABILITIES,
  anonymousVolumes: ['v1', 'v2', 'v3'],
}

/** `run debian true`. */
export const baseRequest: CreateRequest = {
  image: 'debian',
  command: ['true'],
  pull: { policy: 'missing', registry: {} },
  replace: false,
  remove: false,
  interactive: false,
  tty: false,
  env: [],
  envFiles: [],
  envHost: false,
  envMerge: [],
  unsetEnv: [],
  unsetEnvAll: false,
  httpProxy: false,
  groupAdd: [],
  systemd: 'auto',
  passwd: true,
  hostUsers: [],
  mounts: [],
  tmpfs: [],
  volumesFrom: [],
  imageVolumes: 'anonymous',
  readOnly: false,
  readOnlyTmpfs: true,
  devices: [],
  deviceRules: [],
  secrets: [],
  rootfs: false,
  init: false,
  privileged: false,
  capAdd: [],
  capDrop: [],
  security: {},
  seccompPolicy: 'default',
  noHostname: false,
  uidMap: [],
  gidMap: [],
  sysctls: {},
  chrootDirs: [],
  ulimits: [],
  resources: {},
  labelFiles: [],
  labels: {},
  annotations: {},
  requires: [],
  timeoutS: 0,
  sdnotify: 'container',
}

export const imageWith = (config: ImageProcessConfig = {}): LocalImage =>
  ({
    id: 'i'.repeat(64),
    names: ['docker.io/library/debian:latest', 'localhost/other:latest'],
    config: { architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [] } },
  }) as unknown as LocalImage

export const planOf = (
  said: Partial<CreateRequest>,
  config?: ImageProcessConfig,
  facts?: Partial<PlanHost>,
): ContainerPlan => planContainer({ ...baseRequest, ...said }, imageWith(config), { ...baseHost, ...facts })

export const basePlan: ContainerPlan = {
  image: { id: 'i', name: 'img' },
  process: { args: ['sh'], env: ['PATH=/bin'], cwd: '/', user: '', tty: false, openStdin: false },
  hostname: 'box',
  entrypoint: [],
  umask: 0o22,
  groupAdd: [],
  systemd: false,
  userFiles: { addMissing: true, hostUsers: [] },
  noHostname: false,
  addedCapabilities: [],
  procOptions: [],
  namespaces: { pid: 'private', ipc: 'private', uts: 'private', cgroup: 'private' },
  sysctls: {},
  chrootDirs: [],
  readOnly: false,
  init: false,
  privileged: false,
  capabilities: ['CAP_KILL'],
  noNewPrivileges: false,
  seccomp: 'unconfined',
  maskedPaths: [],
  readonlyPaths: [],
  network: 'none',
  userns: { mode: 'shared' },
  mounts: [],
  readOnlyTmpfs: true,
  shmSizeBytes: 65536 * 1024,
  devices: [],
  deviceRules: [],
  secrets: [],
  volumesFrom: [],
  ulimits: [],
  resources: {},
  cgroups: 'enabled',
  limits: 'strict',
  log: { driver: 'k8s-file', maxSizeBytes: 0, maxFiles: 1, tag: '' },
  labels: {},
  stopSignal: 'SIGTERM',
  stopTimeoutS: 10,
  annotations: {},
  restart: { name: 'no', maxRetries: 0 },
  timeoutS: 0,
  dependencies: [],
  sdnotify: 'ignore',
  storageDriver: 'overlay',
  layers: [],
  runtime: '/usr/bin/crun',
}

export const rootUser = { uid: 0, gid: 0, additionalGids: [], home: '/root', isUnknown: false, isGroupUnknown: false }

/** What the spec is told of the host and of the mounted rootfs. */
export const baseOciHost: OciHost = {
  id: 'f'.repeat(64),
  joined: {},
  hasHostQueues: true,
  rootfs: '/merged',
  user: rootUser,
  usernsKind: 'mapped',
  idCount: 65537,
  seccomp: undefined,
  seccompBpf: undefined,
  files: [{ hostPath: '/h/hosts', containerPath: '/etc/hosts' }],
  filterDevices: false,
  hostDevices: [],
  devices: [],
  readyMounts: new Map(),
  secretFiles: [],
  secretEnv: [],
  initProgram: '/lib/lichen-monitor',
  cgroup: { resources: {}, groups1: [] },
}

/** The parts of config.json that tests look into. */
export interface Spec {
  readonly process: {
    readonly args: string[]
    readonly env: string[]
    readonly capabilities: Record<string, string[]>
    readonly rlimits: object[]
    readonly user: object
  }
  readonly mounts: OciMount[]
  readonly linux: {
    readonly namespaces: { type: string; path?: string }[]
    readonly uidMappings?: object[]
    readonly gidMappings?: object[]
    readonly resources?: object
    readonly sysctl?: Record<string, string>
  }
  readonly hostname?: string
}

export const specOf = (changes: Partial<ContainerPlan> = {}, facts: Partial<OciHost> = {}): Spec =>
  toOciSpec({ ...basePlan, ...changes }, { ...baseOciHost, ...facts }) as unknown as Spec
