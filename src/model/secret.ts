// A secret as everybody may see it: never with its data.

export interface SecretRecord {
  readonly schema: 1
  /** 25 hex digits; stays when the secret is replaced. */
  readonly id: string
  readonly name: string
  /** RFC 3339, UTC. */
  readonly createdAt: string
  readonly updatedAt: string
  readonly labels: Readonly<Record<string, string>>
  /** The directory of the user's that its data lies in, under the id; not said: it lies in the store. */
  readonly path?: string
}
