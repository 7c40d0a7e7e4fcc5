// Runs the C program's tools (untar, copy, compare, rm, probe): inside the user's namespace where there is one, so that they may give
// files other owners and remove such files. Contract: monitor/PROTOCOL.md. The monitor proper (`mon`) is runtime/monitor.ts's.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { BadInputError, ExternalToolError, HostError } from '../model/errors.js'
import { DISK_FULL_HINT } from './disk-errors.js'
import { monitorProgram } from './host-facts.js'
import type { Store } from './store.js'
import { usernsOptions, usernsWords } from './userns.js'

export interface ToolRun {
  readonly stdin: Writable
  /** Standard output once the tool has ended well; else rejects with the error its exit code stands for. */
  readonly finished: Promise<string>
}

const STDERR_LIMIT = 16 * 1024
const EXIT_BAD_INPUT = 1
const EXIT_HOST = 2
/** The tool stopped at --max-bytes or --max-entries. */
const EXIT_LIMIT = 3

/** Starts `lichen-monitor VERB ARGS` in the user's namespace. The caller ends `stdin`; killing nobody, it ends with its input. */
export function startTool(store: Store, verb: 'untar' | 'copy' | 'rm', args: readonly string[]): ToolRun {
  return startProgram([...enterNamespace(store), monitorProgram(store.facts.env), verb, ...args], verb)
}

export interface Archive {
  /** The caller reads it to its end, or destroys it. */
  readonly stdout: Readable
  /** What the tool had to say, once it has ended well; else rejects with the error its exit code stands for: the archive is then not whole. */
  readonly finished: Promise<readonly string[]>
}

/** Starts `lichen-monitor tar ARGS`: a tree as a tar archive on its standard output. */
export function startArchive(
  store: Store,
  args: readonly string[],
  enter: readonly string[] = enterNamespace(store),
): Archive {
  const argv = [...enter, monitorProgram(store.facts.env), 'tar', ...args]
  const [file = '', ...words] = argv
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_LIMIT)
  })
  const finished = new Promise<readonly string[]>((resolve, reject) => {
    child.on('error', (cause) => reject(new HostError(`run ${file}: ${cause.message}`, { cause })))
    child.on('close', (code) => {
      if (code === 0) resolve(toWarnings(stderr))
      else reject(toolError({ argv, verb: 'tar', code, stderr }))
    })
  })
  finished.catch(() => undefined) // whoever awaits it later gets the error; until then it is not unhandled
  return { stdout: child.stdout, finished }
}

const toWarnings = (stderr: string): string[] =>
  stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^lichen-monitor: tar: /, ''))

/** Runs any other program in the user's namespace, to its end. Throws ExternalToolError when it fails. */
export async function runInNamespace(store: Store, argv: readonly string[]): Promise<void> {
  await runProgram([...enterNamespace(store), ...argv], path.basename(argv[0] ?? ''))
}

/** The same, whatever comes of it: for programs whose exit code says less than their words. Throws HostError when it cannot be started. */
export async function tryInNamespace(store: Store, argv: readonly string[]): Promise<Ended> {
  return await tryProgram([...enterNamespace(store), ...argv])
}

/** The same for whatever argv. */
export async function tryProgram([file = '', ...args]: readonly string[]): Promise<Ended> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end()
  return await collect(child).catch((cause: unknown) => {
    throw new HostError(`run ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  })
}

/** Words before a command; none for root. */
export function enterNamespace({ userns, facts, paths }: Store): string[] {
  if (userns.kind === 'none') return []
  return [monitorProgram(facts.env), 'ns', ...usernsOptions(userns, paths.userns), '--']
}

/** `startTool` for a tool that reads nothing. */
export async function runTool(store: Store, verb: 'copy' | 'rm', args: readonly string[]): Promise<void> {
  const run = startTool(store, verb, args)
  run.stdin.end()
  await run.finished
}

/** A place in a tree and what is wrong there. */
export interface TreeDifference {
  /** Below the tree's root; a directory's ends with `/`, the root's is empty. */
  readonly path: string
  readonly cause: string
}

/** Where `tree` is not what `expected` is. */
export async function compareTrees(
  store: Store,
  trees: { readonly tree: string; readonly expected: string },
): Promise<TreeDifference[]> {
  const argv = [...enterNamespace(store), monitorProgram(store.facts.env), 'compare', trees.tree, trees.expected]
  const words = (await runProgram(argv, 'compare')).toString('utf8').split('\0')
  return Array.from({ length: Math.floor(words.length / 2) }, (_, at) => ({
    path: words[2 * at] ?? '',
    cause: words[2 * at + 1] ?? '',
  }))
}

/** What a container changed in its layers: words of PROTOCOL.md's `changes`. In the order of the walk, directories first. */
export async function listChanges(
  store: Store,
  args: readonly string[],
): Promise<{ readonly letter: string; readonly path: string }[]> {
  const argv = [...enterNamespace(store), monitorProgram(store.facts.env), 'changes', ...args]
  const words = (await runProgram(argv, 'changes')).toString('utf8').split('\0').slice(0, -1)
  return words.map((word) => ({ letter: word.slice(0, 1), path: word.slice(1) }))
}

/** What this host can do, as the probe's JSON text. `storeDir` is a directory on the store's file system. */
export async function runProbe(store: Store, storeDir: string, fuseProgram: string | undefined): Promise<string> {
  const program = monitorProgram(store.facts.env)
  const fuse = fuseProgram === undefined ? [] : [`fuse_program=${fuseProgram}`]
  const words = [`store=${storeDir}`, ...fuse, ...usernsWords(store.userns, store.paths.userns)]
  return (await runProgram([program, 'probe', ...words], 'probe')).toString('utf8')
}

export interface CopyOut {
  readonly monitorPid: number
  /** The container's root as that monitor has mounted it. */
  readonly root: string
  readonly from: string
  readonly to: string
}

/** Copies a directory of a container out of it; nothing is made when there is none. */
export async function copyOut(store: Store, { monitorPid, root, from, to }: CopyOut): Promise<void> {
  const program = monitorProgram(store.facts.env)
  await runProgram([program, 'ns', '--of', String(monitorPid), '--', program, 'copy', '--in', root, to, from], 'copy')
}

/** Runs a program where that monitor has its mounts, to its end. Throws ExternalToolError when it fails. */
export async function runInMonitor(
  store: Store,
  { monitorPid, cwd, argv }: { readonly monitorPid: number; readonly cwd?: string; readonly argv: readonly string[] },
): Promise<Buffer> {
  const place = cwd === undefined ? [] : ['--cwd', cwd]
  const [name = ''] = argv
  return await runProgram(
    [monitorProgram(store.facts.env), 'ns', '--of', String(monitorPid), ...place, '--', ...argv],
    path.basename(name),
  )
}

/** Runs `lichen-monitor ARGV` there. */
export async function runMonitorVerb(
  store: Store,
  { monitorPid, argv }: { readonly monitorPid: number; readonly argv: readonly string[] },
): Promise<Buffer> {
  const program = monitorProgram(store.facts.env)
  return await runProgram([program, 'ns', '--of', String(monitorPid), '--', program, ...argv], argv[0])
}

/** Gives trees to an owner, in the ids of the user's namespace. Links in them are not followed. */
export async function giveTrees(
  store: Store,
  { uid, gid }: { readonly uid: number; readonly gid: number },
  trees: readonly string[],
): Promise<void> {
  const argv = [...enterNamespace(store), monitorProgram(store.facts.env), 'chown', `${uid}:${gid}`, ...trees]
  await runProgram(argv, 'chown')
}

/** Runs the C program with whatever argv, to its end; its standard output. `verb` is for messages. */
export async function runProgram(argv: readonly string[], verb = 'ns'): Promise<Buffer> {
  const { child, ended } = spawnProgram(argv, verb)
  child.stdin.end()
  return await ended
}

/** `runProgram` for one that reads: the caller ends its `stdin`. */
export function startProgram(argv: readonly string[], verb: string): ToolRun {
  const { child, ended } = spawnProgram(argv, verb)
  const finished = ended.then((stdout) => stdout.toString('utf8'))
  finished.catch(() => undefined) // whoever awaits it later gets the error; until then it is not unhandled
  return { stdin: child.stdin, finished }
}

function spawnProgram(
  argv: readonly string[],
  verb: string,
): { child: ChildProcessWithoutNullStreams; ended: Promise<Buffer> } {
  const [file = '', ...args] = argv
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined) // a tool that ends before it has read everything: its exit code tells why, not our EPIPE
  const ended = collect(child).then(
    ({ code, stdout, stderr }) => {
      if (code === 0) return stdout
      throw toolError({ argv, verb, code, stderr })
    },
    (cause: unknown) => {
      throw new HostError(`run ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
        hint: '`npm run build` makes it',
      })
    },
  )
  return { child, ended }
}

/** A program that has ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

function collect(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = []
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_LIMIT)
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr }))
  })
}

interface Failed {
  readonly argv: readonly string[]
  readonly verb: string
  readonly code: number | null
  readonly stderr: string
}

/** `lichen-monitor: untar: usr/x: No space left` → the class of who must act, with `usr/x: No space left` as its message. */
function toolError(failed: Failed): Error {
  const last = failed.stderr.trim().split('\n').at(-1) ?? ''
  const message = last.replace(/^lichen-monitor: /, '').replace(`${failed.verb}: `, '')
  if (message === '') return new ExternalToolError(`run lichen-monitor ${failed.verb}`, failed)
  switch (failed.code) {
    case EXIT_BAD_INPUT:
      return new BadInputError(message, findHint(message))
    case EXIT_HOST:
      return new HostError(message, findHint(message))
    case EXIT_LIMIT:
      return new ToolLimitError(message)
    default:
      return new ExternalToolError(`run lichen-monitor ${failed.verb}`, failed)
  }
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/No space left|Disk quota/, DISK_FULL_HINT],
  [
    /is in no --map range/,
    'the image has files of more users than the container has ids: give it more, with --uidmap or --userns auto:size=N',
  ],
  [
    /not mapped in this user namespace/,
    'it needs more ids than /etc/subuid and /etc/subgid give you: ask root for longer ranges',
  ],
]

function findHint(message: string): { hint?: string } {
  const hint = HINTS.find(([pattern]) => pattern.test(message))?.[1]
  return hint === undefined ? {} : { hint }
}

/** A tool stopped at a limit it was given; the caller knows which one and how it is raised. */
export class ToolLimitError extends BadInputError {}
