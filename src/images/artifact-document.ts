// The manifest of an artifact that is made here, and what the names of its files may be. Pure. OCI image-spec manifest.md, "Guidelines for
// Artifact Usage"; annotations.md.

import type { ArtifactManifest } from '../model/artifact.js'
import { BadInputError, ConflictError } from '../model/errors.js'
import type { Descriptor } from '../model/image.js'
import { OCI_MANIFEST } from './media-types.js'

export const TITLE = 'org.opencontainers.image.title'
const CREATED = 'org.opencontainers.image.created'
/** The specification asks for some type where the config is empty. */
const UNKNOWN_TYPE = 'application/vnd.unknown.artifact.v1'

export const EMPTY_CONFIG_BYTES = '{}'
/** "Guidance for an Empty Descriptor": everybody's is the same. */
const EMPTY_CONFIG = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: EMPTY_CONFIG_BYTES.length,
  data: 'e30=',
} as const

export function newArtifact(created: Date, type: string = UNKNOWN_TYPE): ArtifactManifest {
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: type,
    config: EMPTY_CONFIG,
    layers: [],
    annotations: { [CREATED]: created.toISOString() },
  }
}

/** Throws ConflictError when a title is there already. */
export function withFiles(manifest: ArtifactManifest, files: readonly Descriptor[]): ArtifactManifest {
  const titles = new Set(manifest.layers.map(titleOf))
  for (const title of files.map(titleOf)) {
    if (titles.has(title)) {
      throw new ConflictError(`add to artifact: ${title}: it has a file of that name`, {
        hint: `call this one otherwise with --annotation ${TITLE}=NAME, or make the artifact anew with --replace`,
      })
    }
    titles.add(title)
  }
  return { ...manifest, layers: [...manifest.layers, ...files] }
}

export function titleOf(file: Descriptor): string | undefined {
  return file.annotations?.[TITLE]
}

export function createdOf({ annotations }: ArtifactManifest): string | undefined {
  return annotations?.[CREATED]
}

/** The file's name in a directory: its title, else its digest. Throws BadInputError for a title that would leave the directory. */
export function fileNameOf(file: Descriptor): string {
  const title = titleOf(file)
  if (title === undefined || title === '') return digestName(file)
  if (title !== '.' && title !== '..' && !/[/\0]/.test(title)) return title
  throw new BadInputError(`extract artifact: ${JSON.stringify(title)}: this title is no file name`, {
    hint: `take the file under another name: --digest ${file.digest}`,
  })
}

export function digestName({ digest }: Descriptor): string {
  return digest.replace(':', '-')
}
