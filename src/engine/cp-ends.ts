// The two ends of `cp`, found: what is there, and from where it can be seen. Paths of containers are looked up by the C program alone.

import { lstatSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import type { ContainerView } from '../model/container.js'
import type { CopyEnd, CopyPlace } from '../model/copy.js'
import { BadInputError, ConflictError, errorCode } from '../model/errors.js'
import { isLive } from '../model/status.js'
import { enterNamespace } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { locateIn, type TreePlace } from '../platform/tree-tools.js'
import { explainBusy, openContainerTree } from './container-tree.js'
import { findContainer } from './find.js'

/** `view`: of the container, where it is one. */
export type TreeEnd = CopyEnd & TreePlace & { readonly view?: ContainerView }

/** `source itself`: where it is a link, that link. */
export type EndRole = 'source' | 'source itself' | 'destination'

/** Throws NotFoundError where there is no such container; what is not at a place, the plan of the copy says. */
export async function openEnd(
  store: Store,
  place: Exclude<CopyPlace, { kind: 'stream' }>,
  role: EndRole,
): Promise<TreeEnd> {
  if (place.kind === 'host')
    return { ...locateOnHost(store, place.path, role), enter: enterNamespace(store), root: '/' }
  const view = await findContainer(store, place.container)
  if (role === 'destination') refuseForgetful(view)
  const tree = await openContainerTree(store, view, 'full')
  const { name, plan } = view.record
  const absolute = path.posix.isAbsolute(place.path) ? place.path : `${plan.process.cwd}/${place.path}`
  try {
    const { kind, path: found } = await locateIn(store, tree, path.posix.join('/', absolute), {
      follow: followsLink(place.path, role),
    })
    return { said: place.path, where: `container ${name}`, kind, path: found, ...tree, view }
  } catch (error) {
    throw explain(error, view.record.name)
  }
}

/** Throws ConflictError: what is copied to it now would be the user's own directory's, or be gone at its start. */
function refuseForgetful({ record, status }: ContainerView): void {
  if (record.plan.rootfs?.isOverlay !== true || isLive(status)) return
  throw new ConflictError(`copy: ${record.name}: it does not run, and its changes are thrown away at each start`, {
    hint: `lichen start ${record.name}`,
  })
}

/** `link/` and `link/.` mean the directory, whatever was said about links. */
const followsLink = (said: string, role: EndRole): boolean => role !== 'source itself' || /(^|\/)\.?$/.test(said)

/** A source is what its last link leads to; at a destination only links to directories are followed: another gives way. */
function locateOnHost({ facts }: Store, said: string, role: EndRole): CopyEnd {
  const absolute = path.resolve(facts.cwd, said)
  const end = { said, where: 'the host' }
  const stat = attempt(() => statSync(absolute))
  const isLink = !followsLink(said, role) && attempt(() => lstatSync(absolute))?.isSymbolicLink() === true
  if (isLink)
    return { ...end, kind: 'other', path: path.join(realpathSync(path.dirname(absolute)), path.basename(absolute)) }
  const kind = stat?.isDirectory() === true ? 'directory' : stat?.isFile() === true ? 'file' : 'other'
  if (stat !== undefined && (role !== 'destination' || kind === 'directory'))
    return { ...end, kind, path: realpathSync(absolute) }
  const parent = attempt(() => realpathSync(path.dirname(absolute)))
  if (parent === undefined || !statSync(parent).isDirectory()) return { ...end, kind: 'nowhere', path: absolute }
  const place = path.join(parent, path.basename(absolute))
  const isThere = role === 'destination' && attempt(() => lstatSync(place)) !== undefined
  return { ...end, kind: isThere ? kind : 'missing', path: place }
}

/** undefined: not there. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) return undefined
    throw error
  }
}

/** What the C program says is about a place in the copy; what it says of the container's lock is about the container. */
export function explain(error: unknown, name: string): unknown {
  const known = explainBusy(error, { name })
  if (!(known instanceof BadInputError)) return known
  const hint = known.hint === undefined ? {} : { hint: known.hint }
  return new BadInputError(`copy: ${known.message}`, { cause: known, ...hint })
}
