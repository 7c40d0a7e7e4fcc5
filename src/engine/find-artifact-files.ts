// The files of an artifact that `--mount type=artifact` shows, and what they are called in the container.

import { digestName, fileNameOf, titleOf } from '../images/artifact-document.js'
import { artifactPaths, findArtifact } from '../images/artifact-store.js'
import { blobPath } from '../images/blobs.js'
import { BadInputError, NotFoundError } from '../model/errors.js'
import type { ArtifactMountRequest } from '../model/mounts.js'
import type { StorePaths } from '../platform/paths.js'
import type { ArtifactFile } from './mount-sources.js'

/** All of them, or the one of that title or digest. Throws NotFoundError; BadInputError when two would have one name. */
export function findArtifactFiles(paths: StorePaths, mount: ArtifactMountRequest): ArtifactFile[] {
  const { name, manifest } = findArtifact(paths, mount.artifact)
  const { title, digest, fileName } = mount
  const isWanted =
    digest === undefined && title === undefined
      ? () => true
      : (file: (typeof manifest.layers)[number]) =>
          digest === undefined ? titleOf(file) === title : file.digest === digest
  const wanted = manifest.layers.filter(isWanted)
  if (wanted.length === 0)
    throw new NotFoundError(`mount artifact: ${name}: it has no file${` ${digest ?? title ?? ''}`.trimEnd()}`, {
      hint: `lichen artifact inspect ${name}`,
    })
  const files = wanted.map((file, index) => ({
    hostPath: blobPath(artifactPaths(paths), file.digest),
    name: nameInContainer(fileName, wanted.length === 1 ? undefined : index) ?? ownName(file),
  }))
  const twice = files.find((file, index) => files.findIndex((other) => other.name === file.name) < index)
  if (twice === undefined) return files
  throw new BadInputError(`mount artifact: ${name}: it has two files of the title ${twice.name}`, {
    hint: 'choose one with digest=, or name them with name=',
  })
}

function ownName(file: Parameters<typeof titleOf>[0]): string {
  return titleOf(file) === undefined ? digestName(file) : fileNameOf(file)
}

/** podman's: one file has the name as it is, several have it with their place in the artifact. */
function nameInContainer(said: string | undefined, index: number | undefined): string | undefined {
  return said === undefined || index === undefined ? said : `${said}-${index}`
}
