// The part of `system check` about secrets: their files. What is in one that is damaged may be all that somebody has: it is set aside.

import path from 'node:path'
import { setAside } from '../platform/set-aside.js'
import { listSecrets } from '../storage/secrets.js'
import { type Check, settleNow } from './check.js'
import { refuseForeign } from './check-containers.js'

export async function checkSecrets(check: Check): Promise<void> {
  const { paths } = check.store
  const damaged: { readonly name: string; readonly problem: string }[] = []
  listSecrets(paths, (name, { message }) => void damaged.push({ name, problem: message.replace(/^read: .*: /, '') }))
  for (const { name, problem } of damaged) {
    const file = path.join(paths.secrets, name)
    await settleNow(check, { object: `secret ${name}`, problems: [problem] }, () => {
      refuseForeign(file)
      return `set aside as ${setAside(paths, file)}`
    })
  }
}
