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
