// `--detach-keys ctrl-p,ctrl-q` → the bytes a terminal sends for them. Empty: no way to detach.

import { UsageError } from '../../model/errors.js'

export const DEFAULT_DETACH_KEYS = 'ctrl-p,ctrl-q'
const CTRL = /^ctrl-([a-z@[\\\]^_])$/i
const CTRL_MASK = 0x1f

export function parseDetachKeys(input: string): readonly number[] {
  return input === '' ? [] : input.split(',').map(parseKey)
}

function parseKey(key: string): number {
  const control = CTRL.exec(key)?.[1]
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) & CTRL_MASK
  if (/^[\x20-\x7e]$/.test(key)) return key.charCodeAt(0)
  throw new UsageError(`"${key}" is no key: single characters and ctrl-a … ctrl-z, ctrl-@ [ \\ ] ^ _, parted by commas`)
}
