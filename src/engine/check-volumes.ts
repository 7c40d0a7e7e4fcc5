// The part of `system check` about volumes: their records. The data is its owner's, and never judged.

import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { BadInputError } from '../model/errors.js'
import type { VolumeRecord } from '../model/volume.js'
import { writeFileAtomic } from '../platform/files.js'
import { setAside } from '../platform/set-aside.js'
import { readVolume, volumeDataPath } from '../storage/volumes.js'
import { type Check, settleNow } from './check.js'
import { refuseForeign } from './check-containers.js'

export async function checkVolumes(check: Check): Promise<void> {
  const { paths } = check.store
  for (const name of readdirSync(paths.volumes).filter((it) => /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(it))) {
    check.counts.volumes++
    const object = `volume ${name}`
    const problem = recordProblem(check, name)
    if (problem !== undefined) await settleNow(check, { object, problems: [problem] }, () => replaceRecord(check, name))
    const data = volumeDataPath(paths, name)
    if (!existsSync(data))
      await settleNow(check, { object, problems: ['its data directory is missing'] }, () => {
        mkdirSync(data)
        chmodSync(data, 0o755) // mkdir's mode is subject to the umask
        return 'made anew, empty'
      })
  }
}

function recordProblem({ store }: Check, name: string): string | undefined {
  try {
    const record = readVolume(store.paths, name)
    if (record === undefined) return 'its record is missing'
    return record.name === name ? undefined : `its record is of volume ${record.name}`
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error
    return error.message.replace(/^read: \S*\/(?=[^/]+: )/, '')
  }
}

/** Everything but the labels and options can be told from the volume itself. */
function replaceRecord({ store }: Check, name: string): string {
  const file = path.join(store.paths.volumes, name, 'volume.json')
  refuseForeign(file)
  const aside = existsSync(file) ? `; the damaged record is ${setAside(store.paths, file)}` : ''
  const createdAt = statSync(path.dirname(file)).birthtime.toISOString()
  const anonymous = /^[0-9a-f]{64}$/.test(name)
  const record: VolumeRecord = { schema: 1, name, createdAt, anonymous, labels: {}, driver: 'local', options: {} }
  writeFileAtomic(file, `${JSON.stringify(record, undefined, 1)}\n`, { durable: true })
  return `written anew, without labels and options${aside}`
}
