// `artifact extract`: files of an artifact onto the user's disk. What an artifact calls its files is a stranger's word: a title is a name
// in the directory the user said, and nothing that is there already is followed.

import { lstatSync, statSync } from 'node:fs'
import path from 'node:path'
import { digestName, fileNameOf, titleOf } from '../images/artifact-document.js'
import { artifactPaths, findArtifact } from '../images/artifact-store.js'
import { blobPath } from '../images/blobs.js'
import { readVerified } from '../images/outgoing-image.js'
import type { LocalArtifact } from '../model/artifact.js'
import { BadInputError, ConflictError, NotFoundError, UsageError } from '../model/errors.js'
import type { Descriptor } from '../model/image.js'
import { openOutputFile } from '../platform/output-file.js'
import type { StorePaths } from '../platform/paths.js'
import type { Store } from '../platform/store.js'

export interface ExtractRequest {
  readonly artifact: string
  /** A directory; or a file, for an artifact of one. */
  readonly target: string
  /** Only this file, with its digest for a name. */
  readonly digest?: string
  /** Only this file. */
  readonly title?: string
}

/** Each file is whole or not there. Throws NotFoundError, UsageError, ConflictError, BadInputError (a hostile title, a damaged store). */
export async function extractArtifact(store: Store, request: ExtractRequest): Promise<void> {
  const artifact = findArtifact(store.paths, request.artifact)
  const files = chooseFiles(artifact, request)
  const { target } = request
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) {
    const named = nameFiles(files, request).map(({ file, name }) => ({ file, place: path.join(target, name) }))
    for (const { place } of named) refuseStranger(place)
    for (const { file, place } of named) await writeFile(store.paths, file, place)
    return
  }
  const [file, ...others] = files
  if (file === undefined || others.length > 0) {
    const cause = `it has ${files.length} files, and ${target} is no directory`
    throw new UsageError(`extract artifact: ${artifact.name}: ${cause}`, {
      hint: 'name a directory that is there, or one file with --title or --digest',
    })
  }
  await writeFile(store.paths, file, target)
}

function chooseFiles({ name, manifest }: LocalArtifact, { digest, title }: ExtractRequest): readonly Descriptor[] {
  if (digest === undefined && title === undefined) return manifest.layers
  const isWanted = (file: Descriptor): boolean =>
    digest === undefined ? titleOf(file) === title : file.digest === digest
  const found = manifest.layers.find(isWanted)
  if (found !== undefined) return [found]
  throw new NotFoundError(`extract artifact: ${name}: it has no file ${digest ?? title}`, {
    hint: `lichen artifact inspect ${name}`,
  })
}

/** All of them before the first is written. */
function nameFiles(files: readonly Descriptor[], { digest }: ExtractRequest): { file: Descriptor; name: string }[] {
  const named = files.map((file) => ({ file, name: digest === undefined ? fileNameOf(file) : digestName(file) }))
  const names = named.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return named
  throw new BadInputError(`extract artifact: ${twice}: it has two files of that title`, {
    hint: 'take them one by one with --digest',
  })
}

/** Only a regular file is replaced. */
function refuseStranger(place: string): void {
  const stat = lstatSync(place, { throwIfNoEntry: false })
  if (stat === undefined || stat.isFile()) return
  throw new ConflictError(`extract artifact: ${place}: what is there is no regular file`, {
    hint: 'move it away, or extract into another directory',
  })
}

async function writeFile(paths: StorePaths, { digest }: Descriptor, place: string): Promise<void> {
  const output = openOutputFile(place)
  try {
    const source = { file: blobPath(artifactPaths(paths), digest), digest }
    for await (const chunk of readVerified(source)) output.write(chunk)
    output.commit()
  } finally {
    output.close()
  }
}
