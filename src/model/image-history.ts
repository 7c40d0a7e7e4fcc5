// The steps an image was made by, as `history` tells them.

export interface HistoryStep {
  /** Of the image that this step completed; undefined: no image here ends with it. */
  readonly id?: string
  /** That image's names. */
  readonly tags: readonly string[]
  readonly createdBy: string
  readonly comment: string
  /** RFC 3339; undefined: not said. */
  readonly created?: string
  /** Of the files in its layer. */
  readonly sizeBytes: number
}
