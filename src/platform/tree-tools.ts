// The C program's `untar --into` and `locate`, and what comes out of its `tar`: trees of containers and volumes as archives.
// `enter` is always the words before the command: where it runs decides whose files it sees. Contract: monitor/PROTOCOL.md.

import { pipeline } from 'node:stream/promises'
import { ExternalToolError, HostError } from '../model/errors.js'
import { chunksOf } from './byte-streams.js'
import { monitorProgram } from './host-facts.js'
import { type Archive, enterNamespace, runProgram, startProgram, type ToolRun } from './monitor-tools.js'
import { openOutputFile } from './output-file.js'
import type { Store } from './store.js'

/** Takes bytes of an archive; false: nobody reads them any more. */
export type ByteSink = (chunk: Uint8Array) => boolean

/** Lets `write` send to what takes the bytes, or to a file that has them when all are there; else what was at its place stays. */
export async function sendTo<T>(output: string | ByteSink, write: (take: ByteSink) => Promise<T>): Promise<T> {
  if (typeof output !== 'string') return await write(output)
  const file = openOutputFile(output)
  try {
    const sent = await write((chunk) => {
      file.write(chunk)
      return true
    })
    file.commit()
    return sent
  } finally {
    file.close()
  }
}

/** The whole archive into `take`; stops without an error when nobody reads it any more. Resolves to the tool's warnings. */
export async function sendArchive({ stdout, finished }: Archive, take: ByteSink): Promise<readonly string[]> {
  try {
    // leaving the loop ends the tool: its reader is gone
    for await (const chunk of chunksOf(stdout)) if (!take(chunk)) return []
  } finally {
    stdout.destroy()
  }
  return await finished
}

/** Its bytes, to be read to their end: one that is not whole ends them with its error. `onWarnings` is told what the tool had to say. */
export async function* readArchive(
  { stdout, finished }: Archive,
  onWarnings: (warnings: readonly string[]) => void = () => undefined,
): AsyncGenerator<Buffer> {
  try {
    yield* chunksOf(stdout)
  } finally {
    stdout.destroy()
  }
  onWarnings(await finished)
}

/** Starts `lichen-monitor untar --into …`: an archive on its standard input goes into a tree that may be in use. */
export function startUnpack(
  store: Store,
  args: readonly string[],
  enter: readonly string[] = enterNamespace(store),
): ToolRun {
  return startProgram([...enter, monitorProgram(store.facts.env), 'untar', '--into', ...args], 'untar')
}

export interface Piped {
  /** The reader's. */
  readonly warnings: readonly string[]
  /** The writer's line, `entries=N …`. */
  readonly report: string
}

/** From one tree into another. Throws the reader's error, else the writer's. */
export async function pipeArchive(archive: Archive, writer: ToolRun): Promise<Piped> {
  const sent = pipeline(archive.stdout, writer.stdin)
  const [, written, read] = await Promise.allSettled([sent, writer.finished, archive.finished])
  // a reader that failed leaves an archive without its end, a writer that failed leaves a reader nobody listens to
  if (read.status === 'rejected' && !isUnread(read.reason)) throw read.reason
  if (written.status === 'rejected') throw written.reason
  return { warnings: read.status === 'fulfilled' ? read.value : [], report: written.value }
}

/** Ended by SIGPIPE, or told so by write(2). */
const isUnread = (error: unknown): boolean =>
  (error instanceof ExternalToolError && error.code === null) ||
  (error instanceof HostError && /^write archive: /.test(error.message))

/** A tree, and from where it is seen. */
export interface TreePlace {
  /** Words before a command that is to see it. */
  readonly enter: readonly string[]
  /** Its `/`, as that command sees it. */
  readonly root: string
}

export interface Located {
  /** `missing`: its directory is there, it is not. `nowhere`: not even that. */
  readonly kind: 'directory' | 'file' | 'other' | 'missing' | 'nowhere'
  /** Inside the root; the links of the last component followed, if they were to be. */
  readonly path: string
}

/** What is at a path of a tree in which links mean what they mean to who has it as `/`. */
export async function locateIn(
  store: Store,
  { enter, root }: TreePlace,
  containerPath: string,
  { follow = true }: { readonly follow?: boolean } = {},
): Promise<Located> {
  const words = follow ? [root, containerPath] : ['--link', root, containerPath]
  const argv = [...enter, monitorProgram(store.facts.env), 'locate', ...words]
  const [kind = '', path = ''] = (await runProgram(argv, 'locate')).toString('utf8').split('\0')
  return { kind: kind as Located['kind'], path }
}

/** Files of a tree, for `decodeFiles`; none of its links leads out of it. */
export async function readFilesIn(store: Store, { enter, root }: TreePlace, files: readonly string[]): Promise<Buffer> {
  return await runProgram([...enter, monitorProgram(store.facts.env), 'read', root, ...files], 'read')
}

/** Words before a command that is to see a container's root file system, mounted for it alone. `words`: of PROTOCOL.md's `mounted`. */
export function enterMounted(store: Store, words: readonly string[]): string[] {
  return [...enterNamespace(store), monitorProgram(store.facts.env), 'mounted', ...words, '--']
}
