// File helpers of the build: everything it makes appears complete or not at all.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname, '..')
export const DIST = path.join(ROOT, 'dist')

/** Writes by rename, and only what changed, so that an up-to-date build touches nothing. */
export function writeByRename(file, content) {
  if (isSame(file, content)) return
  mkdirSync(path.dirname(file), { recursive: true })
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, content)
  renameSync(fresh, file)
}

export function isSame(file, content) {
  try {
    return readFileSync(file).equals(Buffer.from(content))
  } catch (error) {
    if (error.code === 'ENOENT') return false
    throw error
  }
}

export const readPackage = () => JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))

/** Those with a code cache each, and a bundle of their own: bin/lichen.cjs names the same. */
export const FREQUENT = [
  'create',
  'exec',
  'images',
  'inspect',
  'kill',
  'logs',
  'ps',
  'rm',
  'run',
  'start',
  'stop',
  'wait',
]
if (!readFileSync(path.join(ROOT, 'bin/lichen.cjs'), 'utf8').includes(`['${FREQUENT.join("', '")}']`))
  throw new Error('bin/lichen.cjs and scripts/build-files.mjs name different frequent commands')
