// `artifact ls`, `artifact inspect` and `artifact rm`.

import { createdOf } from '../images/artifact-document.js'
import { deleteArtifact, findArtifact, listStoredArtifacts } from '../images/artifact-store.js'
import type { LocalArtifact } from '../model/artifact.js'
import type { Digest } from '../model/image.js'
import type { Store } from '../platform/store.js'

export interface ListedArtifact {
  readonly artifact: LocalArtifact
  /** RFC 3339; undefined: it does not say. */
  readonly created: string | undefined
}

/** By name. */
export function listArtifacts(store: Store): ListedArtifact[] {
  return listStoredArtifacts(store.paths).map((artifact) => ({ artifact, created: createdOf(artifact.manifest) }))
}

/** Throws NotFoundError. */
export function inspectArtifact(store: Store, text: string): LocalArtifact {
  return findArtifact(store.paths, text)
}

/** Returns its digest. Throws NotFoundError. */
export async function removeArtifact(store: Store, text: string): Promise<Digest> {
  return await deleteArtifact(store.paths, text)
}
