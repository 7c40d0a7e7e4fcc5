// Sizes as docker's go-units reads them: `64m`, `1.5GiB`, `512kb`; powers of 1024 whatever the unit's spelling; bytes without one.

import { UsageError } from '../../model/errors.js'

const POWERS = 'bkmgtp'

export function parseSize(input: string): number {
  const match = /^(\d+(?:\.\d+)?)\s?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(input)
  const bytes =
    match === null ? Number.NaN : Math.trunc(Number(match[1]) * 1024 ** POWERS.indexOf((match[2] ?? 'b').toLowerCase()))
  if (Number.isSafeInteger(bytes)) return bytes
  throw new UsageError('a size is like 512k, 64m or 1.5g')
}
