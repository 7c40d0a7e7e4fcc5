// The files of --env-file: one variable in a line, in the forms of --env; empty lines and those that begin with # are none. Quotes are bytes like
// others (podman, docker).

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, errorCode, UsageError } from '../model/errors.js'
import type { EnvRequest } from '../model/process.js'

/** Throws UsageError for a file that cannot be read or a line that names nothing. */
export function readEnvFiles(files: readonly string[], cwd: string): EnvRequest[] {
  return files.flatMap((file) => parseEnvFile(readText(path.resolve(cwd, file), file), file))
}

function readText(file: string, typed: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const reason = errorCode(cause) === 'ENOENT' ? 'no such file or directory' : (errorCode(cause) ?? String(cause))
    throw new BadInputError(`parse env file: ${typed}: ${reason}`, { cause })
  }
}

export function parseEnvFile(text: string, file: string): EnvRequest[] {
  return text.split(/\r?\n/).flatMap((line): EnvRequest[] => {
    const entry = line.trimStart()
    if (entry === '' || entry.startsWith('#')) return []
    const equals = entry.indexOf('=')
    if (equals === 0 || entry.includes('\0'))
      throw new UsageError(`parse env file: ${file}: invalid environment variable: "${entry}"`)
    if (equals > 0) return [{ kind: 'set', name: entry.slice(0, equals), value: entry.slice(equals + 1) }]
    return [entry.endsWith('*') ? { kind: 'host-prefix', prefix: entry.slice(0, -1) } : { kind: 'host', name: entry }]
  })
}
