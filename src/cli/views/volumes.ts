// What `volume ls` and `volume inspect` show: podman's columns, template fields and JSON.

import { type ReportFlags, reportText } from '../format.js'
import { goTime } from '../human.js'

/** podman's JSON object of a volume. */
export interface ShownVolume {
  readonly Name: string
  readonly Driver: string
  readonly Mountpoint: string
  readonly CreatedAt: string
  readonly Labels: Readonly<Record<string, string>>
  readonly Scope: string
  readonly Options: Readonly<Record<string, string>>
  readonly UID?: number
  readonly GID?: number
  readonly Anonymous?: boolean
  readonly MountCount: number
  readonly NeedsCopyUp?: boolean
}

export interface VolumesFlags extends ReportFlags {
  readonly quiet: boolean
}

const FIELDS = [
  ...['Name', 'Driver', 'Mountpoint', 'CreatedAt', 'Labels', 'Scope', 'Options', 'UID', 'GID', 'Anonymous'],
  ...['MountCount', 'NeedsCopyUp'],
]

export function volumesText(volumes: readonly ShownVolume[], flags: VolumesFlags): string {
  if (flags.quiet) return volumes.map(({ Name }) => `${Name}\n`).join('')
  const report = {
    name: 'volume ls',
    rows: volumes.map(volumeFields),
    json: volumes,
    fields: FIELDS,
    headings: { Name: 'VOLUME NAME' },
    defaultFormat: 'table {{.Driver}}\t{{.Name}}',
  }
  // podman prints no headings over nothing
  return reportText(report, volumes.length === 0 ? { ...flags, noheading: true } : flags)
}

/** What a template sees: also the fields that JSON leaves out, times and maps as Go has them. */
export function volumeFields(volume: ShownVolume): Readonly<Record<string, unknown>> {
  return {
    UID: 0,
    GID: 0,
    Anonymous: false,
    NeedsCopyUp: false,
    ...volume,
    CreatedAt: goTime(volume.CreatedAt),
    Labels: new Map(Object.entries(volume.Labels)),
    Options: new Map(Object.entries(volume.Options)),
  }
}
