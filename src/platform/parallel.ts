// Several things at a time, but not all of them.

/**
 * Runs `work` for every item, at most `limit` at once; the results are in the items' order. After the first failure nothing more is begun;
 * that failure is thrown when what was running has ended.
 */
export async function mapParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const waiting = [...items.entries()]
  const results: R[] = []
  const errors: unknown[] = []
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && errors.length === 0; next = waiting.shift()) {
      const [index, item] = next
      try {
        results[index] = await work(item, index)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane))
  if (errors.length > 0) throw errors[0]
  return results
}
