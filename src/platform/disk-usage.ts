// How much disk things take, as du(1) counts it: blocks, not bytes of contents; a file with several names once. Asked of du in the user's
// namespace, because containers' files may be closed to everybody else.

import { lstatSync } from 'node:fs'
import { ExternalToolError, HostError } from '../model/errors.js'
import { findProgram } from './host-facts.js'
import { tryInNamespace } from './monitor-tools.js'
import type { Store } from './store.js'

const BLOCK_BYTES = 512
/** Of a running container, files come and go while they are counted. */
const GONE = /: No such file or directory$/

/** The root and its directories two levels down, each with all it holds, by absolute path. Other file systems mounted there do not count. */
export async function measureStore(store: Store): Promise<ReadonlyMap<string, number>> {
  const du = findProgram('du', store.facts.env)
  if (du === undefined) throw new HostError('measure disk: du: not installed', { hint: 'install coreutils' })
  const env = findProgram('env', store.facts.env) ?? 'env'
  const options = ['--block-size=1', '--one-file-system', '--null', '--max-depth=2']
  const argv = [env, 'LC_ALL=C', du, ...options, '--', store.paths.root]
  const { code, stdout, stderr } = await tryInNamespace(store, argv)
  const complaints = stderr.trim().split('\n')
  if (code !== 0 && !complaints.every((line) => GONE.test(line)))
    throw new ExternalToolError('measure disk', { argv, code, stderr })
  const lines = stdout.toString('utf8').split('\0').filter(Boolean)
  return new Map(lines.map((line) => [line.slice(line.indexOf('\t') + 1), Number.parseInt(line, 10)]))
}

/** One file of ours; 0 when it is gone. */
export function fileDiskBytes(file: string): number {
  return (lstatSync(file, { throwIfNoEntry: false })?.blocks ?? 0) * BLOCK_BYTES
}
