// One line of comma-separated values (RFC 4180): a field in double quotes may hold commas, and a doubled quote in it is one. As Go's
// encoding/csv reads what podman and docker take for `--mount`.

import { UsageError } from '../../model/errors.js'

export function splitCsv(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  const fields: string[] = []
  let rest = line
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(,|$)/.exec(rest)
    const plain = /^([^",]*)(,|$)/.exec(rest)
    const match = quoted ?? plain
    if (match === null) throw new UsageError('bare " in a field: a field with quotes begins and ends with one')
    fields.push((match[1] ?? '').replaceAll(quoted === null ? '' : '""', quoted === null ? '' : '"'))
    if (match[2] === '') return fields
    rest = rest.slice(match[0].length)
  }
}
