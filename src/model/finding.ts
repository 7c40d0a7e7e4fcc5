// What `system check` has found, told while it looks.

export interface Finding {
  /** Kind and name: `layer 1a2b3c4d5e6f7081`, `container web`. */
  readonly object: string
  readonly problem: string
  /** What was done about it; undefined: it is as it was. */
  readonly repair?: string
  /** Why nothing was done although it was asked for, with what helps. */
  readonly obstacle?: string
}

export interface CheckSummary {
  readonly findings: number
  readonly repaired: number
  /** How many of each were looked at. */
  readonly images: number
  readonly blobs: number
  readonly layers: number
  /** Of the layers: could not be compared with what they were unpacked from. */
  readonly unverifiedLayers: number
  readonly containers: number
  readonly volumes: number
}
