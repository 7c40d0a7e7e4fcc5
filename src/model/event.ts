// Something that happened to an object, as it stands in the event log: podman's names for fields, kinds and statuses.

export type EventType = 'container' | 'image' | 'volume' | 'secret' | 'network' | 'system'

export interface Event {
  readonly Type: EventType
  readonly Status: string
  /** RFC 3339 with fractions, UTC. */
  readonly Time: string
  readonly ID?: string
  readonly Image?: string
  readonly Name?: string
  readonly ContainerExitCode?: number
  readonly OOMKilled?: boolean
  readonly HealthStatus?: string
  /** Labels, and what else there is to say. */
  readonly Attributes?: Readonly<Record<string, string>> | null
}
