// test/e2e/FLAGS.md as data: for each command which flags are tested, and how those that are not there are refused.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './facts.js'

export interface FlagRow {
  readonly command: string
  /** Tested against lichen and podman; of lichen only. */
  readonly both: readonly string[]
  readonly lichenOnly: readonly string[]
  /** Flag → reason, one of the table's legend. */
  readonly refused: Readonly<Record<string, string>>
}

export interface FlagTable {
  readonly rows: readonly FlagRow[]
  /** Reason → how the error begins: `unknown flag` or `not supported`. */
  readonly reasons: Readonly<Record<string, string>>
}

export function readFlagTable(): FlagTable {
  const lines = readFileSync(join(repository, 'test/e2e/FLAGS.md'), 'utf8').split('\n')
  const rows = lines.filter((line) => line.startsWith('| `')).map(toRow)
  const reasons = lines.flatMap((line) => {
    const [, reason, error] = /^- \*\*([a-z ]+)\*\* \(([a-z ]+)\): /.exec(line) ?? []
    return reason === undefined || error === undefined ? [] : [[reason, error]]
  })
  return { rows, reasons: Object.fromEntries(reasons) }
}

function toRow(line: string): FlagRow {
  const [command = '', both = '', lichenOnly = '', refused = ''] = line.slice(1, -1).split('|')
  return {
    command: command.trim().replaceAll('`', ''),
    both: flagsIn(both),
    lichenOnly: flagsIn(lichenOnly),
    refused: Object.fromEntries(refused.split(';').flatMap(toRefused)),
  }
}

const flagsIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`--([a-z0-9-]+)`/g)].map(([, flag = '']) => flag)

function toRefused(group: string): readonly (readonly [string, string])[] {
  const reason = group.split(':')[0]?.trim() ?? ''
  return flagsIn(group).map((flag) => [flag, reason])
}
