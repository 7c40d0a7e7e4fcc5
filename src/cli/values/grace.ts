// `--time` of stop, restart and rm: seconds between the stop signal and SIGKILL.

import { UsageError } from '../../model/errors.js'

/** -1 means that nobody is killed, as in docker. */
export function parseGrace(input: string): number {
  const seconds = Number(input)
  if (/^[+-]?\d+$/.test(input) && seconds >= -1 && Number.isSafeInteger(seconds)) return seconds
  throw new UsageError(`strconv.ParseUint: parsing "${input}": invalid syntax`)
}
