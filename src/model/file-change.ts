// How one file tree differs from another: the letters of `diff`.

export interface FileChange {
  /** Absolute, inside the image. */
  readonly path: string
  /** Of a directory: its mode or owner, or something below it. */
  readonly kind: 'added' | 'changed' | 'deleted'
}
