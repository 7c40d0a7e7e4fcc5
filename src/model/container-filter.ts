// `--filter` of ps and of every verb over several containers: which of them pass. Keys and meaning as podman-ps(1). Pure.

import type { ContainerView } from './container.js'
import { UsageError } from './errors.js'
import { type Filter, passes } from './filter.js'
import { formatImageRef, parseImageRef } from './image-ref.js'
import { isUp } from './status.js'

export const CONTAINER_FILTERS = [
  ...['id', 'name', 'label', 'status', 'ancestor', 'exited', 'before', 'since', 'volume', 'network', 'until'],
  ...['pod', 'health', 'restart-policy', 'command'],
]

export interface ContainerSelection {
  readonly all: boolean
  readonly filter: readonly Filter[]
  /** Only so many of the newest. */
  readonly last?: number | undefined
}

/** `views` are newest first. The value of `until` is in Unix seconds. Without --all only those that run, unless a status or a number is asked for. */
export function selectContainers(
  views: readonly ContainerView[],
  { all, filter, last }: ContainerSelection,
): readonly ContainerView[] {
  const anyStatus = all || last !== undefined || filter.some(({ key }) => key === 'status' || key === 'exited')
  const matchers = new Map<string, (view: ContainerView) => boolean>()
  for (const { key, value } of filter) matchers.set(`${key}=${value}`, matcherOf(key, value, views))
  const selected = views.filter((view) => {
    if (!anyStatus && !isUp(view.status) && view.status !== 'restarting') return false
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
      return exitMatcher(value)
    case 'volume':
      return ({ record }) => record.plan.mounts.some((it) => [it.destination, it.source, it.volumeName].includes(value))
    case 'network':
      return ({ record }) => record.plan.network === value
    case 'until':
      return ({ record }) => Date.parse(record.createdAt) < Number(value) * 1000
    case 'pod':
      return () => false
    case 'health':
      return healthMatcher(value)
    case 'restart-policy':
      return ({ record }) => record.plan.restart.name === value
    case 'command':
      return ({ record }) => record.plan.process.args[0] === value
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

const STATUSES = ['created', 'initialized', 'running', 'paused', 'restarting', 'exited', 'stopped']
/** States of docker's and podman's that a container of lichen is never in: scripts ask for them along with others. */
const FOREIGN_STATUSES = ['dead', 'removing', 'stopping', 'unknown']

function statusMatcher(value: string): (view: ContainerView) => boolean {
  if (!STATUSES.includes(value) && !FOREIGN_STATUSES.includes(value))
    throw new UsageError(`filter containers: status=${value}: unknown container state: ${value}`, {
      hint: `statuses are ${STATUSES.join(', ')}`,
    })
  const status = value === 'stopped' ? 'exited' : value
  return (view) => view.status === status
}

function exitMatcher(value: string): (view: ContainerView) => boolean {
  if (!/^-?\d+$/.test(value)) throw new UsageError(`filter containers: exited=${value}: an exit code is a number`)
  return ({ status, exit }) => status === 'exited' && exit?.exitCode === Number(value)
}

const HEALTHS = ['starting', 'healthy', 'unhealthy']

/** `none`: nobody checks it. */
function healthMatcher(value: string): (view: ContainerView) => boolean {
  if (value !== 'none' && !HEALTHS.includes(value))
    throw new UsageError(`filter containers: health=${value}: known are none, ${HEALTHS.join(', ')}`)
  return ({ record, health }) =>
    record.plan.health === undefined ? value === 'none' : (health?.status ?? 'starting') === value
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
