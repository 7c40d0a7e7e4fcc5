// layers/<name>/done: what an unpacked layer is. Written by staged-layer.ts before the layer becomes visible; on the hot path of `run`.

import path from 'node:path'
import type { Digest } from '../model/image.js'
import { readJson } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { formatMapping, type LayerMapping, layerName } from './layer-names.js'

/** `done`. */
export interface LayerRecord {
  readonly schema: 1
  readonly chainId: Digest
  readonly diffId: Digest
  readonly mapping: string
  /** Bytes of file contents. */
  readonly sizeBytes: number
  readonly entries: number
}

/** What lies on disk for this layer; undefined: nothing usable. */
export function readLayer(paths: StorePaths, chainId: Digest, mapping: LayerMapping): LayerRecord | undefined {
  const record = readJson<LayerRecord>(path.join(paths.layers, layerName(chainId, mapping), 'done'))
  return record?.chainId === chainId && record.mapping === formatMapping(mapping) ? record : undefined
}
