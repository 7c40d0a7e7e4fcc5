// What `--filter` means: several values of one key: any may match; several keys: all must. Pure.

export interface Filter {
  readonly key: string
  readonly value: string
  /** `key!=value`. */
  readonly negated: boolean
}

/** Whether an object passes: `match` says whether it has one key's value. */
export function passes(filters: readonly Filter[], match: (key: string, value: string) => boolean): boolean {
  const groups = new Map<string, Filter[]>()
  for (const filter of filters) {
    const group = `${filter.key}${filter.negated ? '!' : ''}`
    groups.set(group, [...(groups.get(group) ?? []), filter])
  }
  return [...groups.values()].every((group) =>
    group[0]?.negated === true
      ? group.every(({ key, value }) => !match(key, value))
      : group.some(({ key, value }) => match(key, value)),
  )
}
