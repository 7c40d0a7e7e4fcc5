// `--filter` of prunes: until, label and label!, the same for everything that has a time and labels.

export interface PruneFilter {
  readonly key: string
  /** Of `until`: Unix seconds. */
  readonly value: string
  /** `key!=value`. */
  readonly negated?: boolean
}

export interface Prunable {
  /** RFC 3339. */
  readonly createdAt: string
  readonly labels: Readonly<Record<string, string>>
}

/** All of them must hold. */
export function passesPrune(filters: readonly PruneFilter[], { createdAt, labels }: Prunable): boolean {
  return filters.every(({ key, value, negated = false }) => {
    const holds = key === 'until' ? Date.parse(createdAt) < Number(value) * 1000 : hasLabel(labels, value)
    return holds !== negated
  })
}

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=')
  const name = equals < 0 ? wanted : wanted.slice(0, equals)
  return Object.hasOwn(labels, name) && (equals < 0 || labels[name] === wanted.slice(equals + 1))
}
