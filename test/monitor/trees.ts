// Runs `untar`, `copy` and `rm` for tests, as root and as an unprivileged user in its user namespace, and tells what tree
// they left, as seen from inside that namespace. Every tree lies in a directory of the test's own.

import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { mustRun, type ProcessResult, runProcess } from '../support/process.js'

const repository = join(import.meta.dirname, '../..')
export const MONITOR = process.env.LICHEN_MONITOR ?? join(repository, 'dist/lichen-monitor')
export const SANITIZED = process.env.LICHEN_MONITOR_SAN ?? join(repository, 'dist/lichen-monitor-san')
/** Only what every user can reach. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
export const IS_ROOT = process.getuid?.() === 0

export interface Actor {
  readonly name: string
  readonly isPrivileged: boolean
  /** Words before a command that make it run as this actor; `scratch` may hold the user namespace's files. */
  argv(scratch: string): readonly string[]
  readonly uid: number
  readonly gid: number
}

export interface TreeNode {
  readonly kind: string
  readonly mode: string
  readonly uid: number
  readonly gid: number
  readonly mtimeNs: string
  readonly size?: number
  readonly blocks?: number
  readonly sha256?: string
  readonly text?: string
  readonly target?: string
  readonly device?: string
  readonly xattrs?: Readonly<Record<string, string>>
  readonly links?: readonly string[]
}
export type Tree = Readonly<Record<string, TreeNode>>

const root: Actor = { name: 'root', isPrivileged: true, argv: () => [], uid: 0, gid: 0 }

function unprivileged(user: string): Actor {
  const [uid = 0, gid = 0] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' })))
  const drop = IS_ROOT ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--init-groups'] : []
  const range = (file: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`${user}:`))
  const [, subuid = ''] = /:(\d+:\d+)/.exec(range('/etc/subuid') ?? '') ?? []
  const [, subgid = ''] = /:(\d+:\d+)/.exec(range('/etc/subgid') ?? '') ?? []
  const maps = [
    ['--uidmap', `0 ${uid} 1`, '--uidmap', `1 ${subuid.replace(':', ' ')}`],
    ['--gidmap', `0 ${gid} 1`, '--gidmap', `1 ${subgid.replace(':', ' ')}`],
  ].flat()
  return {
    name: `${user} in its user namespace`,
    isPrivileged: false,
    argv: (scratch) =>
      [drop, MONITOR, 'ns', '--userns-dir', join(scratch, 'userns'), '--idmap', 'newuidmap', maps, '--'].flat(),
    uid,
    gid,
  }
}

/** Whoever can be tested here: root also as an unprivileged user. */
export const actors: readonly Actor[] = IS_ROOT
  ? [root, unprivileged(process.env.LICHEN_TEST_USER ?? 'lichen-dev')]
  : [unprivileged(userInfo().username)]

/** The one actor tests use that do not depend on who runs them. */
export const anyActor: Actor = actors[0] ?? root

export interface Scratch {
  readonly path: string
  readonly actor: Actor
  /** Runs a command as the actor. */
  run(argv: readonly string[], input?: string | Buffer, timeoutMs?: number): Promise<ProcessResult>
  tree(directory: string): Promise<Tree>
  /** Makes a subdirectory of the actor's. */
  directory(name: string): string
}

/** For what makes very many files: a disk would only be slower. */
export const inMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A directory of the actor's that ends with the test. */
export function openScratch(actor: Actor, parent = tmpdir()): Scratch {
  const path = mkdtempSync(join(parent, 'lichen-tree-'))
  chownSync(path, actor.uid, actor.gid)
  const run = (argv: readonly string[], input?: string | Buffer, timeoutMs = 60_000) =>
    runProcess([...actor.argv(path), ...argv], {
      timeoutMs,
      env: { PATH },
      ...(input === undefined ? {} : { input }),
    })
  onTestFinished(async () => {
    await mustRun([...actor.argv(path), 'rm', '-rf', path]).catch(() => {})
    execFileSync('rm', ['-rf', path])
  })
  return {
    path,
    actor,
    run,
    tree: async (directory) => {
      const script = readFileSync(join(import.meta.dirname, 'snapshot.py'))
      const { code, stdout, stderr } = await run(['python3', '-', directory], script)
      if (code !== 0) throw new Error(`look at ${directory}: ${stderr}`)
      return JSON.parse(stdout) as Tree
    },
    directory: (name) => {
      const directory = join(path, name)
      mkdirSync(directory)
      chownSync(directory, actor.uid, actor.gid)
      return directory
    },
  }
}

export interface Unpacked extends ProcessResult {
  readonly scratch: Scratch
  readonly directory: string
  /** What is in the layer, whether untar succeeded or not. */
  tree(): Promise<Tree>
}

export interface UntarOptions {
  readonly actor?: Actor
  readonly args?: readonly string[]
  readonly program?: string
}

/** Unpacks into a fresh directory. */
export async function untar(archive: Buffer, options: UntarOptions = {}): Promise<Unpacked> {
  const scratch = openScratch(options.actor ?? anyActor)
  const directory = scratch.directory('layer')
  const argv = [options.program ?? MONITOR, 'untar', ...(options.args ?? []), directory]
  return { ...(await scratch.run(argv, archive)), scratch, directory, tree: () => scratch.tree(directory) }
}

/** Unpacks and insists on success; the tree without its root. */
export async function untarTree(archive: Buffer, options: UntarOptions = {}): Promise<Tree> {
  const result = await untar(archive, options)
  if (result.code !== 0) throw new Error(`untar: exit code ${result.code}: ${result.stderr}`)
  const { '.': _root, ...tree } = await result.tree()
  return tree
}
