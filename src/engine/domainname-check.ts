// Whether the OCI runtime sets a domain name (runtime-spec 1.1, config.md): an older one passes over the word without telling anyone.

import path from 'node:path'
import type { ContainerPlan } from '../model/container.js'
import { HostError } from '../model/errors.js'
import { runTool } from '../platform/process.js'
import type { Store } from '../platform/store.js'

/** The first that do. */
const FIRST = { crun: [1, 7], runc: [1, 2] } as const

/** Throws HostError. */
export async function checkDomainname({ userns }: Store, { domainname, runtime }: ContainerPlan): Promise<void> {
  if (domainname === undefined) return
  if (userns.kind === 'nested')
    throw new HostError('plan namespaces: --domainname: the container we are in lets us set no names')
  const kind = path.basename(runtime).startsWith('runc') ? 'runc' : 'crun'
  const shown = /version (\d+)\.(\d+)\S*/.exec(await runTool([runtime, '--version']))
  const [major, minor] = FIRST[kind]
  const isNew = shown !== null && isAtLeast([Number(shown[1]), Number(shown[2])], [major, minor])
  if (isNew) return
  throw new HostError(`plan namespaces: --domainname: ${runtime} (${shown?.[0] ?? 'no version told'}) sets none`, {
    hint: `crun ${FIRST.crun.join('.')} and runc ${FIRST.runc.join('.')} are the first that do: install one, or choose it with --runtime`,
  })
}

const isAtLeast = (one: readonly [number, number], other: readonly [number, number]): boolean =>
  one[0] > other[0] || (one[0] === other[0] && one[1] >= other[1])
