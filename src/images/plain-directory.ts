// An image as `podman save --format docker-dir` and skopeo's `dir:` keep it: manifest.json is the image's manifest (or an index, whose
// manifests lie beside it), blobs are called by their digest's hex digits. It has no names.

import { BadInputError } from '../model/errors.js'
import type { Descriptor } from '../model/image.js'
import { readArchivedImage } from './archived-image.js'
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from './media-types.js'
import { findText, type StagedFiles } from './staged-files.js'
import type { StagedImage } from './staged-image.js'

/** undefined: these files are no such directory. */
export async function readPlainDirectory(files: StagedFiles): Promise<StagedImage[] | undefined> {
  const text = await findText(files, 'manifest.json')
  const blob = await files.find('manifest.json')
  const mediaType = text === undefined ? undefined : findMediaType(text)
  if (blob === undefined || mediaType === undefined) return undefined
  const image = await readArchivedImage(
    {
      subject: 'manifest.json',
      findBlob: async (descriptor) => await files.find(hexOf(descriptor)),
      findDocument: async (descriptor) => await files.find(`${hexOf(descriptor)}.manifest.json`),
    },
    { blob, mediaType, names: [] },
  )
  return [image]
}

/** What the document says it is, else what it looks like. */
function findMediaType(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new BadInputError('read: manifest.json: not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || !('schemaVersion' in value)) return undefined
  const known = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST]
  const said = 'mediaType' in value ? known.find((type) => type === value.mediaType) : undefined
  return said ?? ('manifests' in value ? OCI_INDEX : OCI_MANIFEST)
}

function hexOf({ digest }: Descriptor): string {
  return digest.slice('sha256:'.length)
}
