// A bench for the C program's tests: temporary worlds with a busybox layer, and bundles and folders as the CLI makes
// them. Runs everything as root or as the unprivileged user; must never depend on src/.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { killProcessesOf } from './processes.js'

export const monitorPath = process.env.LICHEN_MONITOR ?? join(import.meta.dirname, '../../dist/lichen-monitor')
const devName = process.env.LICHEN_TEST_USER ?? 'lichen-dev'

export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly subuid: number | undefined
  readonly root: boolean
}

function lookUp(name: string): User | undefined {
  const entry = spawnSync('getent', ['passwd', name], { encoding: 'utf8' }).stdout.split(':')
  if (entry.length < 4) return undefined
  const line = readFileSync('/etc/subuid', 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}:`))
  const subuid = line === undefined ? undefined : Number(line.split(':')[1])
  return { name, uid: Number(entry[2]), gid: Number(entry[3]), subuid, root: entry[2] === '0' }
}

// Whoever runs the tests, and when that is root the unprivileged user too.
export const users: readonly User[] = [
  lookUp(execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()),
  ...(process.getuid?.() === 0 ? [lookUp(devName)] : []),
].filter((user) => user !== undefined)

export const unprivileged = users.find((user) => !user.root && user.subuid !== undefined)

// setpriv execs, so the pid of what is spawned is the program's own.
export function as(user: User, argv: readonly string[]): string[] {
  if (process.getuid?.() === user.uid) return [...argv]
  const ids = ['--reuid', String(user.uid), '--regid', String(user.gid), '--init-groups']
  return ['setpriv', ...ids, 'env', `HOME=/home/${user.name}`, ...argv]
}

export interface Result {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export function runAs(user: User, argv: readonly string[], input?: string): Result {
  const [command = '', ...rest] = as(user, argv)
  const done = spawnSync(command, rest, {
    encoding: 'utf8',
    input: input ?? '',
    maxBuffer: 1 << 28,
    cwd: '/',
    env: cleanEnv(),
  })
  return { code: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr }
}

// Leak detection needs ptrace, which a user namespace denies.
export function cleanEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, ASAN_OPTIONS: 'detect_leaks=0', UBSAN_OPTIONS: 'print_stacktrace=1' }
}

export type Json = Record<string, unknown>

export function chownAll(path: string, user: User): void {
  if (process.getuid?.() === 0 && !user.root) execFileSync('chown', ['-hR', `${user.uid}:${user.gid}`, path])
}

export interface World {
  readonly user: User
  readonly dir: string
  readonly path: (...parts: string[]) => string
  readonly usernsWords: readonly string[]
  readonly write: (path: string, text: string) => void
  readonly remove: () => void
}

let nextId = 0

// One temporary root per test: a layer with busybox, and the folders a caller of the monitor has to make.
export function makeWorld(user: User, maps: 'full' | 'single' = 'full'): World {
  const dir = mkdtempSync('/tmp/lichen-mon-')
  const path = (...parts: string[]): string => join(dir, ...parts)
  for (const name of [
    'layers/a/bin',
    'layers/a/proc',
    'layers/a/sys',
    'layers/a/dev',
    'layers/a/etc',
    'layers/a/tmp',
    'layers/a/root',
    'layers/b',
    'crun',
    'run',
  ])
    mkdirSync(path(name), { recursive: true })
  cpSync('/bin/busybox', path('layers/a/bin/busybox'))
  for (const applet of [
    'sh',
    'true',
    'cat',
    'echo',
    'sleep',
    'id',
    'stty',
    'dd',
    'kill',
    'head',
    'yes',
    'tty',
    'ls',
    'wc',
    'md5sum',
    'touch',
    'rm',
    'mkdir',
    'mount',
    'od',
    'seq',
    'usleep',
  ])
    symlinkSync('busybox', path('layers/a/bin', applet))
  writeFileSync(path('layers/a/etc/passwd'), 'root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/:/bin/sh\n')
  chmodSync(dir, 0o755)
  chmodSync(path('layers/a/tmp'), 0o1777)
  chownAll(dir, user)
  const single = maps === 'single' || user.subuid === undefined
  const map = (outside: number): string[] =>
    single ? [`0 ${outside} 1`] : [`0 ${outside} 1`, `1 ${user.subuid} 65536`]
  const usernsWords = user.root
    ? []
    : [
        `userns_dir=${path('userns')}`,
        `idmap=${single ? 'direct' : 'newuidmap'}`,
        ...map(user.uid).map((line) => `uidmap=${line}`),
        ...map(user.gid).map((line) => `gidmap=${line}`),
      ]
  const write = (target: string, text: string): void => {
    writeFileSync(target, text)
    chownSync(target, user.uid, user.gid)
  }
  const remove = (): void => {
    killProcessesOf(dir) // a container of a failed test outlives its monitor
    // With the program itself: files of subordinate owners, and unreadable ones, are its daily bread.
    runAs(user, [monitorPath, 'ns', ...nsOptions(usernsWords), '--', monitorPath, 'rm', dir])
    rmSync(dir, { recursive: true, force: true })
  }
  return { user, dir, path, usernsWords, write, remove }
}

export function nsOptions(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    const at = word.indexOf('=')
    return [`--${word.slice(0, at).replace('_', '-')}`, word.slice(at + 1)]
  })
}

export interface ContainerOptions {
  readonly argv?: readonly string[]
  readonly tty?: boolean
  readonly stdin?: boolean
  readonly attach?: boolean
  readonly storage?: 'overlay' | 'fuse-overlayfs' | 'dir'
  readonly runtime?: string
  readonly words?: readonly string[] // more spec words, or others: a later key=… replaces an earlier one
  readonly omit?: readonly string[]
  readonly config?: (config: OciConfig) => void
}

export interface OciConfig {
  process: { args: string[]; terminal: boolean; user: { uid: number; gid: number }; [key: string]: unknown }
  mounts: { destination: string; [key: string]: unknown }[]
  linux: { namespaces: { type: string; path?: string }[]; resources?: Json; [key: string]: unknown }
  [key: string]: unknown
}

export interface Prepared {
  readonly id: string
  readonly runDir: string
  readonly socket: string
  readonly log: string
  readonly specPath: string
  readonly words: readonly string[]
}

function ociConfig(merged: string, options: ContainerOptions): OciConfig {
  const caps = ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID', 'CAP_SETGID', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER']
  const config: OciConfig = {
    ociVersion: '1.0.0',
    process: {
      terminal: options.tty ?? false,
      user: { uid: 0, gid: 0 },
      args: [...(options.argv ?? ['true'])],
      env: ['PATH=/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: { bounding: caps, effective: caps, permitted: caps },
      noNewPrivileges: true,
    },
    root: { path: merged, readonly: false },
    hostname: 'lichen',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
      },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    ],
    linux: { namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  }
  options.config?.(config)
  return config
}

// What the CLI does before it starts a monitor.
export function prepare(world: World, options: ContainerOptions = {}): Prepared {
  const id = `c${process.pid}-${nextId++}`
  const dir = world.path(id)
  for (const name of ['run', 'bundle', 'upper', 'work', 'merged']) mkdirSync(join(dir, name), { recursive: true })
  const storage = options.storage ?? 'overlay'
  const merged = storage === 'dir' ? world.path('layers/a') : join(dir, 'merged')
  writeFileSync(join(dir, 'bundle/config.json'), JSON.stringify(ociConfig(merged, options)))
  const base = [
    'schema=1',
    `id=${id}`,
    `run_dir=${dir}/run`,
    `bundle=${dir}/bundle`,
    `storage=${storage}`,
    `layers_dir=${world.path('layers')}`,
    'lower=a',
    `upper=${dir}/upper`,
    `work=${dir}/work`,
    `merged=${merged}`,
    'volatile=1', // else every unmount syncs the whole disk, and the tests wait for other people's data
    'fuse_program=/usr/bin/fuse-overlayfs',
    `runtime=${options.runtime ?? '/usr/bin/crun'}`,
    `runtime_root=${world.path('crun')}`,
    `cgroup_manager=${world.user.root ? 'cgroupfs' : 'disabled'}`,
    `tty=${options.tty === true ? 1 : 0}`,
    `stdin=${options.stdin === true ? 1 : 0}`,
    `attach=${options.attach === false ? 0 : 1}`,
    `log=${dir}/run/ctr.log`,
    `socket=${dir}/run/attach`,
    ...world.usernsWords,
  ]
  const keyOf = (word: string): string => word.slice(0, word.indexOf('='))
  const given = new Set((options.words ?? []).map(keyOf))
  const words = [
    ...base.filter((word) => !given.has(keyOf(word)) && !(options.omit ?? []).includes(keyOf(word))),
    ...(options.words ?? []),
  ]
  writeFileSync(join(dir, 'spec'), words.map((word) => `${word}\0`).join(''))
  chownAll(dir, world.user)
  return {
    id,
    runDir: join(dir, 'run'),
    socket: join(dir, 'run/attach'),
    log: join(dir, 'run/ctr.log'),
    specPath: join(dir, 'spec'),
    words,
  }
}

export function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json
}

export function withoutPidNamespace(config: OciConfig): void {
  config.linux.namespaces = config.linux.namespaces.filter((one) => one.type !== 'pid')
  const proc = config.mounts.findIndex((one) => one.destination === '/proc')
  config.mounts[proc] = { destination: '/proc', type: 'bind', source: '/proc', options: ['rbind'] }
}

// A runtime that does something of its own before it becomes crun; $verb, $log and $id are set for it.
export function wrapCrun(world: World, before: string): string {
  const path = world.path('runtime')
  const parse =
    'for word do case $last in --log) log=$word;; esac; case $word in create|start|delete) verb=$word;; esac; last=$word; done; id=$last'
  world.write(path, `#!/bin/sh\n${parse}\n${before}\nexec /usr/bin/crun "$@"\n`)
  chmodSync(path, 0o755)
  return path
}

// The program with other constants, in front of root's own (launch: under).
export function compiled(world: World, name: string, defines: readonly string[]): string[] {
  const sources = join(import.meta.dirname, '../../src/monitor')
  const files = readdirSync(sources).filter((file) => file.endsWith('.c'))
  const words = ['-std=c11', '-D_GNU_SOURCE', ...defines, '-o', world.path(name)]
  execFileSync('cc', [...words, ...files.map((file) => join(sources, file))])
  return ['sh', '-c', 'shift; exec "$0" "$@"', world.path(name)]
}
