// What `push` and its kin were told about the form an image is to have where it goes. Pure.

import { UsageError } from '../model/errors.js'
import type { Conversion } from '../model/image-conversion.js'

interface ConversionFlags {
  readonly format?: string | undefined
  readonly 'compression-format'?: string | undefined
  readonly 'compression-level'?: number | undefined
  readonly 'force-compression'?: boolean | undefined
}

const HIGHEST_LEVEL = { gzip: 9, zstd: 22 } as const

/** Throws UsageError for a level that its format does not have. `v2s2` is what podman calls Docker's format. */
export function toConversion(flags: ConversionFlags): Conversion {
  const { format, 'compression-level': level, 'force-compression': force = false } = flags
  const compression = flags['compression-format'] as keyof typeof HIGHEST_LEVEL | undefined
  const target = format === undefined ? {} : { format: format === 'oci' ? ('oci' as const) : ('docker' as const) }
  if (compression === undefined) {
    if (level === undefined && !force) return target
    throw new UsageError(
      `--${level === undefined ? 'force-compression' : 'compression-level'} needs --compression-format`,
    )
  }
  const highest = HIGHEST_LEVEL[compression]
  if (level !== undefined && (level < 1 || level > highest))
    throw new UsageError(`--compression-level for ${compression} is 1 to ${highest}, not ${level}`)
  const layers = force || level !== undefined ? ('all' as const) : ('other' as const)
  return { ...target, recompression: { format: compression, layers, ...(level === undefined ? {} : { level }) } }
}
