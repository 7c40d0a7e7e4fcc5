// The host's time zones (tzfile(5)), for containers whose image need not have any.

import { existsSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { NotFoundError } from '../model/errors.js'

const ZONEINFO = '/usr/share/zoneinfo'

/** The file of a zone, or of the host's own for `local`. Throws NotFoundError. */
export function findTimezone(name: string): string {
  const file = name === 'local' ? '/etc/localtime' : path.join(ZONEINFO, name)
  const isZone = name === 'local' || file.startsWith(`${ZONEINFO}/`)
  if (isZone && existsSync(file) && statSync(file).isFile()) return realpathSync(file)
  throw new NotFoundError(`find time zone: ${name}: ${file}: no such file or directory`, {
    hint: existsSync(ZONEINFO) ? `the names are those below ${ZONEINFO}` : 'install tzdata',
  })
}
