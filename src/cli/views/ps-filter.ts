// `ps --filter`: which containers pass. Keys and meaning as podman-ps(1).

import type { ContainerView } from '../../model/container.js'
import { UsageError } from '../../model/errors.js'
import { formatImageRef, parseImageRef } from '../../model/image-ref.js'
import { type Filter, passes } from '../values/filter.js'
import { parseTime } from '../values/time.js'

export const PS_FILTERS = [
  'id',
  'name',
  'label',
  'status',
  'ancestor',
  'exited',
  'before',
  'since',
  'volume',
  'network',
  'until',
]

export interface PsSelection {
  readonly all: boolean
  readonly filter: readonly Filter[]
  /** Only so many of the newest. */
  readonly last?: number | undefined
}

/** `views` are newest first. Without --all only those that run, unless a status or a number is asked for. */
export function selectContainers(
  views: readonly ContainerView[],
  { all, filter, last }: PsSelection,
): readonly ContainerView[] {
  const anyStatus = all || last !== undefined || filter.some(({ key }) => key === 'status' || key === 'exited')
  const matchers = new Map<string, (view: ContainerView) => boolean>()
  for (const { key, value } of filter) matchers.set(`${key}=${value}`, matcherOf(key, value, views))
  const selected = views.filter((view) => {
    if (!anyStatus && view.status !== 'running') return false
    return passes(filter, (key, value) => matchers.get(`${key}=${value}`)?.(view) === true)
  })
  return selected.slice(0, last)
}

function matcherOf(key: string, value: string, views: readonly ContainerView[]): (view: ContainerView) => boolean {
  switch (key) {
    case 'id':
      return ({ record }) => record.id.startsWith(value)
    case 'name':
      return nameMatcher(value)
    case 'label':
      return ({ record }) => hasLabel(record.plan.labels, value)
    case 'status':
      return statusMatcher(value)
    case 'ancestor':
      return ancestorMatcher(value)
    case 'exited':
      return ({ status, exit }) => status === 'exited' && String(exit?.exitCode) === value
    case 'volume':
      return ({ record }) => record.plan.mounts.some((it) => [it.destination, it.source, it.volumeName].includes(value))
    case 'network':
      return ({ record }) => record.plan.network === value
    case 'until':
      return untilMatcher(value)
    default:
      return orderMatcher(key, value, views)
  }
}

function nameMatcher(pattern: string): (view: ContainerView) => boolean {
  try {
    const expression = new RegExp(pattern)
    return ({ record }) => expression.test(record.name)
  } catch (cause) {
    throw new UsageError(`filter containers: name=${pattern}: no regular expression`, { cause })
  }
}

export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=')
  if (equals < 0) return Object.hasOwn(labels, wanted)
  const name = wanted.slice(0, equals)
  return Object.hasOwn(labels, name) && labels[name] === wanted.slice(equals + 1)
}

const STATUSES = ['created', 'initialized', 'running', 'exited', 'stopped']
/** States of docker's and podman's that a container of lichen is never in: scripts ask for them along with others. */
const FOREIGN_STATUSES = ['dead', 'paused', 'removing', 'restarting', 'stopping', 'unknown']

function statusMatcher(value: string): (view: ContainerView) => boolean {
  if (!STATUSES.includes(value) && !FOREIGN_STATUSES.includes(value))
    throw new UsageError(`filter containers: status=${value}: no such status`, {
      hint: `statuses are ${STATUSES.join(', ')}`,
    })
  const status = value === 'stopped' ? 'exited' : value
  return (view) => view.status === status
}

/** An image by ID (or the beginning of one) or by name, with or without its tag. */
function ancestorMatcher(value: string): (view: ContainerView) => boolean {
  const id = value.replace(/^sha256:/, '')
  const isId = /^[0-9a-f]{3,64}$/.test(id)
  const names = [formatImageRef(parseImageRef(value)), formatImageRef(parseImageRef(value, 'localhost'))]
  return ({ record: { plan } }) =>
    (isId && plan.image.id.startsWith(id)) || names.includes(plan.image.name) || plan.image.name === value
}

/** `before=NAME`, `since=NAME`: made earlier or later than that container. */
function orderMatcher(key: string, value: string, views: readonly ContainerView[]): (view: ContainerView) => boolean {
  const reference = views.find(({ record }) => record.name === value || record.id.startsWith(value))
  if (reference === undefined) throw new UsageError(`filter containers: ${key}=${value}: no such container`)
  const { createdAt } = reference.record
  return ({ record }) => (key === 'before' ? record.createdAt < createdAt : record.createdAt > createdAt)
}

/** `until=TIME`: made before it. */
function untilMatcher(value: string): (view: ContainerView) => boolean {
  const untilMs = parseTime(value)
  return ({ record }) => Date.parse(record.createdAt) < untilMs
}
