// damaged/<time>/<path below the root>: what could not be read, kept for people to look into. Nothing ever reads it.

import { mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import type { StorePaths } from './paths.js'

/** Moves a file or directory of the store there, and returns where it is now. */
export function setAside(paths: StorePaths, place: string): string {
  const time = new Date().toISOString().replaceAll(':', '-')
  const target = path.join(paths.damaged, time, path.relative(paths.root, place))
  mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 })
  renameSync(place, target)
  return target
}
