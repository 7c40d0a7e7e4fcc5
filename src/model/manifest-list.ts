// What a command says about one image of a list.

/** Only what was said; the rest stays as it is. */
export interface EntryChange {
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
  readonly osVersion?: string
  readonly osFeatures?: readonly string[]
  readonly features?: readonly string[]
  /** Added to those there are. */
  readonly annotations?: Readonly<Record<string, string>>
}
