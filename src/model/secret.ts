// A secret as everybody may see it: with its data only where that is asked for by name.

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

/** podman's JSON object of a secret. */
export interface SecretDescription {
  readonly ID: string
  readonly CreatedAt: string
  readonly UpdatedAt: string
  readonly Spec: {
    readonly Name: string
    readonly Driver: { readonly Name: string; readonly Options: Readonly<Record<string, string>> }
    readonly Labels: Readonly<Record<string, string>>
  }
  readonly SecretData?: string
}
