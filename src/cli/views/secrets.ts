// What `secret ls` and `secret inspect` show: podman's columns, template fields, JSON and text for people.

import { type ReportFlags, reportText } from '../format.js'
import { goTime, humanAge } from '../human.js'

/** podman's JSON object of a secret. */
export interface ShownSecret {
  readonly ID: string
  readonly CreatedAt: string
  readonly UpdatedAt: string
  readonly Spec: {
    readonly Name: string
    readonly Driver: { readonly Name: string; readonly Options: Readonly<Record<string, string>> }
    readonly Labels: Readonly<Record<string, string>>
  }
  readonly SecretData?: string
}

export interface SecretsFlags extends ReportFlags {
  readonly quiet: boolean
}

export function secretsText(secrets: readonly ShownSecret[], flags: SecretsFlags, nowMs: number = Date.now()): string {
  if (flags.quiet) return secrets.map(({ ID }) => `${ID}\n`).join('')
  const report = {
    name: 'secret ls',
    rows: secrets.map((secret) => toRow(secret, nowMs)),
    json: secrets,
    fields: ['ID', 'Name', 'Driver', 'CreatedAt', 'UpdatedAt'],
    headings: { CreatedAt: 'CREATED', UpdatedAt: 'UPDATED' },
    defaultFormat: 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.CreatedAt}}\t{{.UpdatedAt}}',
  }
  return reportText(report, flags)
}

function toRow({ ID, CreatedAt, UpdatedAt, Spec }: ShownSecret, nowMs: number) {
  return {
    ID,
    Name: Spec.Name,
    Driver: Spec.Driver.Name,
    CreatedAt: humanAge(Date.parse(CreatedAt), nowMs),
    UpdatedAt: humanAge(Date.parse(UpdatedAt), nowMs),
  }
}

/** What a template of `inspect` sees. */
export function secretFields(secret: ShownSecret): object {
  const { CreatedAt, UpdatedAt, Spec } = secret
  const driver = { ...Spec.Driver, Options: new Map(Object.entries(Spec.Driver.Options)) }
  const times = { CreatedAt: goTime(CreatedAt), UpdatedAt: goTime(UpdatedAt) }
  return { SecretData: '', ...secret, ...times, Spec: { ...Spec, Driver: driver } }
}

export function prettySecret({ ID, CreatedAt, UpdatedAt, Spec, SecretData }: ShownSecret): string {
  const labels = Object.entries(Spec.Labels).map(([name, value]) => ` - ${name}${value === '' ? '' : `=${value}`}`)
  return [
    `ID:              ${ID}`,
    `Name:              ${Spec.Name}`,
    ...(labels.length === 0 ? [] : ['Labels:', ...labels]),
    `Driver:            ${Spec.Driver.Name}`,
    `Created at:        ${goTime(CreatedAt)}`,
    `Updated at:        ${goTime(UpdatedAt)}`,
    ...(SecretData === undefined ? [] : [`Secret data:       ${SecretData}`]),
    '',
  ].join('\n')
}
