// The part of `system check` about images and artifacts: their index, and every blob it leads to.

import { artifactPaths } from '../images/artifact-store.js'
import { type LayoutPaths, readIndex } from '../images/image-index.js'
import { namesOf } from '../images/local-names.js'
import { rebuildIndex } from '../images/rebuild-index.js'
import { refetchBlob } from '../images/refetch-blob.js'
import { deleteManifest } from '../images/remove-images.js'
import { type BadBlob, verifyBlobs } from '../images/verify-blobs.js'
import { BadInputError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import type { StorePaths } from '../platform/paths.js'
import { listRecords } from '../state/records.js'
import { type Check, settle } from './check.js'
import { removeRecord } from './rm.js'

/** False: the index is damaged still, so that nothing can be known of what images need. */
export async function checkImages(check: Check): Promise<boolean> {
  const { paths } = check.store
  const entries = await checkIndex(check, paths, 'image index')
  if (entries === undefined) return false
  check.counts.images = new Set(entries.map(({ digest }) => digest)).size
  const lost = await checkBlobs(check, paths, entries)
  if (check.repair && check.force) for (const [entry, problems] of lost) await removeLost(check, entry, problems)
  const artifacts = artifactPaths(paths)
  await checkBlobs(check, artifacts, (await checkIndex(check, artifacts, 'artifact index')) ?? [])
  return true
}

/** undefined: it is damaged, and stays so. */
async function checkIndex(check: Check, paths: StorePaths, object: string): Promise<readonly Descriptor[] | undefined> {
  try {
    return readIndex(paths)
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error
    const trouble = { object, problems: [error.message.replace(/^.*index\.json: /, '')] }
    const isMended = await settle(check, trouble, async () => {
      const { aside, names, nameless } = await rebuildIndex(paths, rememberedNames(check))
      const left = nameless === 0 ? '' : `, ${nameless} manifests have lost theirs`
      return `made anew with ${names.length} names${left}; the damaged one is ${aside}`
    })
    return isMended ? readIndex(paths) : undefined
  }
}

/** What containers call the images they were made from. */
function rememberedNames({ store }: Check): ReadonlyMap<string, readonly string[]> {
  const records = listRecords(store.paths, () => undefined)
  const named = records.filter(({ plan }) => /[/:]/.test(plan.image.name))
  return new Map(named.map(({ plan }) => [plan.image.id, [plan.image.name]]))
}

/** Returns the entries that are not whole in the end, and how many problems that is. */
async function checkBlobs(
  check: Check,
  layout: LayoutPaths,
  entries: readonly Descriptor[],
): Promise<ReadonlyMap<Descriptor, number>> {
  const lost = new Map<Descriptor, number>()
  const onBad = async (bad: BadBlob): Promise<boolean> => {
    // removed while we were looking
    if (!readIndex(layout).some(({ digest }) => digest === bad.entry.digest)) return false
    const names = namesOf(entries, bad.entry.digest)
    const trouble = { object: `blob ${bad.digest}`, problems: [`${bad.problem} (${describeUse(bad, names)})`] }
    const isWhole = await settle(check, trouble, async () => {
      const from = await refetchBlob(check.store, bad, { layout, names, options: check.registry })
      return `fetched again from ${from}`
    })
    if (!isWhole) lost.set(bad.entry, (lost.get(bad.entry) ?? 0) + 1)
    return isWhole
  }
  check.counts.blobs += await verifyBlobs(layout, entries, { quick: check.quick, onBad })
  return lost
}

function describeUse({ isDocument, entry, digest }: BadBlob, names: readonly string[]): string {
  const image = names.length === 0 ? `image ${entry.digest}` : names.join(', ')
  return isDocument && digest === entry.digest ? `manifest of ${image}` : `of ${image}`
}

/** With the image its `problems` are gone, too. */
async function removeLost(check: Check, { digest }: Descriptor, problems: number): Promise<void> {
  const { store } = check
  const names = namesOf(readIndex(store.paths), digest)
  const trouble = { object: `image ${names[0] ?? digest}`, problems: ['it cannot be mended'] }
  const isGone = await settle(check, trouble, async () => {
    const users = listRecords(store.paths, () => undefined).filter(({ plan }) => isMadeFrom(plan.image, names, digest))
    for (const record of users) await removeRecord(store, record, { force: true, volumes: false })
    await deleteManifest(store.paths, digest)
    const containers = users.length === 0 ? '' : ` with its containers ${users.map(({ name }) => name).join(', ')}`
    return `removed${containers}`
  })
  if (isGone) check.counts.repaired += problems
}

function isMadeFrom(
  image: { readonly id: string; readonly name: string },
  names: readonly string[],
  digest: Digest,
): boolean {
  return names.includes(image.name) || image.name.endsWith(digest)
}
