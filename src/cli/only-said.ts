// "Not said" has one form only: the field is not there.

type Said<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Leaves out what was not said, so that "not said" has one form only. */
export function onlySaid<T extends object>(fields: T): Said<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined)) as Said<T>
}
