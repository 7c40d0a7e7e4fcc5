// Patterns of paths as Go's path.Match reads them: `*` and `?` stop at a slash, `[a-z]` and `[^a-z]` are one byte of a set. Pure.

export function matchesPath(text: string, pattern: string): boolean {
  return toRegExp(pattern).test(text)
}

function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(
    /\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|[*?]|[^\w/]/gs,
    (found, escaped?: string, not?: string, set?: string) => {
      if (escaped !== undefined) return quote(escaped)
      if (set !== undefined) return `[${not ?? ''}${set.replace(/[\]^[]/g, '\\$&')}]`
      if (found === '*') return '[^/]*'
      return found === '?' ? '[^/]' : quote(found)
    },
  )
  return new RegExp(`^${source}$`, 's')
}

const quote = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
