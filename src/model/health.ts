// How it is found out whether a container works, and what then: as said, as decided, as reported.

// biome-ignore lint/complexity/noBannedTypes: filled in with the flags
export type HealthRequest = {}

// biome-ignore lint/complexity/noBannedTypes: filled in with the flags
export type HealthPlan = {}
