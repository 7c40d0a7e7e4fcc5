// `--entrypoint`: one word, a JSON list of words, or empty to clear the image's. A word that only looks like JSON is a word.

export function parseEntrypoint(input: string): readonly string[] {
  if (input === '') return []
  if (!input.startsWith('[')) return [input]
  try {
    const words: unknown = JSON.parse(input)
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return [input]
}
