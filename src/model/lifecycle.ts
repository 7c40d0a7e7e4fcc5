// What a container is called, how it is stopped and started again, what becomes of it at its end: as said, and as decided.

export interface LifecycleRequest {
  readonly name?: string
  readonly replace: boolean
  readonly remove: boolean // --rm
  readonly labels: Readonly<Record<string, string>>
  readonly stopSignal?: string
  readonly stopTimeoutS?: number
  readonly cidfile?: string
}

export interface LifecyclePlan {
  readonly labels: Readonly<Record<string, string>>
  readonly stopSignal: string
  readonly stopTimeoutS: number
}
