// `--mount type=glob`: the paths a pattern fits, as Go's filepath.Glob finds them: `*` and `?` within one name, `[a-z]`, `[^a-z]`, `\x`.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { errorCode, NotFoundError, UsageError } from '../model/errors.js'

/** Absolute, sorted. Throws NotFoundError when there is none. */
export function expandGlob(pattern: string, cwd: string): string[] {
  let found = ['/']
  for (const part of path
    .resolve(cwd, pattern)
    .split('/')
    .filter((it) => it !== '')) {
    const matcher = toRegExp(part, pattern)
    found = found.flatMap((dir) =>
      namesIn(dir)
        .filter((name) => matcher.test(name))
        .map((name) => path.join(dir, name)),
    )
  }
  if (found.length === 0 || found[0] === '/')
    throw new NotFoundError(`mount glob: no file paths matching glob "${pattern}"`)
  return found.sort()
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    // not a directory, or none of ours: nothing of it can be meant
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(errorCode(error) ?? '')) return []
    throw error
  }
}

const TOKENS = /\\(?<escaped>.)|\[(?<not>\^?)(?<set>(?:\\.|[^\]\\])+)\]|(?<wild>[*?])|(?<plain>[^\\[])/gsu

function toRegExp(part: string, pattern: string): RegExp {
  const tokens = [...part.matchAll(TOKENS)]
  const isWhole = tokens.map(([token]) => token).join('') === part // what is left is half a set
  try {
    if (isWhole) return new RegExp(`^${tokens.map(({ groups }) => toSource(groups)).join('')}$`, 'su')
  } catch {
    // a set like [z-a]
  }
  throw new UsageError(`mount glob: "${pattern}": syntax error in pattern`)
}

function toSource({ escaped, not, set, wild, plain }: Partial<Record<string, string>> = {}): string {
  if (set !== undefined)
    return `[${not}${set.replaceAll(/\\?([^-])|\\-/gsu, (token) => quoteInSet(token.at(-1) ?? ''))}]`
  if (wild !== undefined) return wild === '*' ? '[^/]*' : '[^/]'
  return quote(escaped ?? plain ?? '')
}

// only what the `u` flag allows to be escaped may be
const quote = (char: string): string => (/[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char)
const quoteInSet = (char: string): string => (/[\\^[\]-]/.test(char) ? `\\${char}` : char)
