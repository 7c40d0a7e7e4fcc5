// `image inspect`: podman's JSON fields, those that are true here.

import path from 'node:path'
import { findImage, listStoredImages } from '../images/image-store.js'
import { OCI_MANIFEST } from '../images/media-types.js'
import type { LocalImage } from '../model/image.js'
import { repoDigests } from '../model/repo-digests.js'
import type { Store } from '../platform/store.js'
import { chainIds, layerName } from '../storage/layer-names.js'
import { layerMapping } from '../storage/layers.js'
import { findParent, groupByTop } from './image-family.js'
import { imageSize } from './images.js'

/** Throws NotFoundError. */
export function inspectImage(store: Store, text: string): Record<string, unknown> {
  const image = findImage(store.paths, text)
  const { config, manifest } = image
  const size = imageSize(store, image)
  return {
    Id: image.id,
    Digest: image.manifestDigest,
    RepoTags: image.names,
    RepoDigests: repoDigests(image),
    Parent: findParent(image, groupByTop(listStoredImages(store.paths)))?.id ?? '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: config.created ?? null,
    Config: config.config ?? {},
    Version: '',
    Author: config.author ?? '',
    Architecture: config.architecture,
    Os: config.os,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Size: size,
    VirtualSize: size,
    GraphDriver: { Name: 'overlay', Data: layerDirs(store, image) },
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Labels: config.config?.Labels ?? null,
    Annotations: manifest.annotations ?? {},
    ManifestType: manifest.mediaType ?? OCI_MANIFEST,
    User: config.config?.User ?? '',
    History: config.history ?? [],
    NamesHistory: image.names,
  }
}

/** Where its unpacked layers lie, as overlay names them: the topmost, then those below it. */
function layerDirs(store: Store, { config }: LocalImage): Record<string, string> {
  const mapping = layerMapping(store)
  const dirs = chainIds(config.rootfs.diff_ids)
    .map((chainId) => path.join(store.paths.layers, layerName(chainId, mapping), 'diff'))
    .reverse()
  const [top, ...below] = dirs
  return {
    ...(below.length === 0 ? {} : { LowerDir: below.join(':') }),
    ...(top === undefined ? {} : { UpperDir: top }),
  }
}
