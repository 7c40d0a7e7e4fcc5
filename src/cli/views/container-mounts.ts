// What `mount` shows: a table of containers and paths, or podman's JSON.

import type { ContainerRecord } from '../../model/container.js'
import { UsageError } from '../../model/errors.js'
import { isJson } from '../format.js'
import { toJson } from '../go-template/values.js'
import { shortId } from '../human.js'
import { alignTabs } from '../table.js'

export interface MountedContainer {
  readonly record: ContainerRecord
  readonly path: string
}

const INDENT = 1

export function mountedContainersText(
  mounted: readonly MountedContainer[],
  { format, 'no-trunc': isWhole }: { readonly format: string | undefined; readonly 'no-trunc': boolean },
): string {
  if (isJson(format))
    return `${toJson(
      mounted.map(({ record, path }) => ({ id: record.id, Names: [record.name], mountpoint: path })),
      INDENT,
    )}\n`
  checkMountFormat(format)
  return alignTabs(mounted.map(({ record, path }) => `${isWhole ? record.id : shortId(record.id)}\t${path}\n`).join(''))
}

/** Throws UsageError. */
export function checkMountFormat(format: string | undefined): void {
  if (format === undefined || isJson(format)) return
  throw new UsageError(`mount container: unknown --format argument: "${format}"`, { hint: 'only json is known' })
}
