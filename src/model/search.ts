// What a search finds, as the registries' search APIs tell it.

export interface FoundRepository {
  /** The registry that has it. */
  readonly domain: string
  /** `domain/path`. */
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly isOfficial: boolean
  readonly isAutomated: boolean
}
