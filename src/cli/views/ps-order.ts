// `ps --sort`: podman's orders, the lowest first. Without one the newest container comes first.

import type { ContainerView } from '../../model/container.js'
import type { PsExtras } from './ps.js'

export const PS_ORDERS = ['command', 'created', 'id', 'image', 'names', 'runningfor', 'size', 'status'] as const
export type PsOrder = (typeof PS_ORDERS)[number]

export function sortContainers(
  views: readonly ContainerView[],
  order: PsOrder | undefined,
  { sizes }: Pick<PsExtras, 'sizes'>,
): readonly ContainerView[] {
  if (order === undefined) return views
  const keyOf = (view: ContainerView): string | number =>
    order === 'size' ? (sizes?.get(view.record.id)?.rootfsBytes ?? 0) : textKey(view, order)
  return views
    .map((view) => ({ view, key: keyOf(view) }))
    .reverse() // among equals the oldest first
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ view }) => view)
}

function textKey({ record, status, monitor }: ContainerView, order: Exclude<PsOrder, 'size'>): string {
  switch (order) {
    case 'command':
      return record.plan.process.args.join(' ')
    case 'created':
      return record.createdAt
    case 'id':
      return record.id
    case 'image':
      return record.plan.image.name
    case 'names':
      return record.name
    case 'runningfor':
      return monitor?.startedAt ?? ''
    case 'status':
      return status
  }
}
