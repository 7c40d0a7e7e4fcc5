// What `secret ls` and `secret inspect` show: podman's columns, template fields, JSON and text for people.

import type { SecretDescription } from '../../model/secret.js'
import { type ReportFlags, reportText } from '../format.js'
import { goTime, humanAge } from '../human.js'

export interface SecretsFlags extends ReportFlags {
  readonly quiet: boolean
}

export function secretsText(
  secrets: readonly SecretDescription[],
  flags: SecretsFlags,
  nowMs: number = Date.now(),
): string {
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

function toRow({ ID, CreatedAt, UpdatedAt, Spec }: SecretDescription, nowMs: number) {
  return {
    ID,
    Name: Spec.Name,
    Driver: Spec.Driver.Name,
    CreatedAt: humanAge(Date.parse(CreatedAt), nowMs),
    UpdatedAt: humanAge(Date.parse(UpdatedAt), nowMs),
  }
}

/** What a template of `inspect` sees. */
export function secretFields(secret: SecretDescription): object {
  const { CreatedAt, UpdatedAt, Spec } = secret
  const driver = { ...Spec.Driver, Options: new Map(Object.entries(Spec.Driver.Options)) }
  const times = { CreatedAt: goTime(CreatedAt), UpdatedAt: goTime(UpdatedAt) }
  return { SecretData: '', ...secret, ...times, Spec: { ...Spec, Driver: driver } }
}

export function prettySecret({ ID, CreatedAt, UpdatedAt, Spec, SecretData }: SecretDescription): string {
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
