// Devices of the host that a container is given: as said, and as decided.

/** r(ead), w(rite), m(knod), in any order. */
export type DeviceAccess = string

export type DeviceRequest =
  | {
      readonly kind: 'path'
      readonly hostPath: string
      readonly containerPath?: string
      readonly access?: DeviceAccess
    }
  /** By its name in the Container Device Interface: `vendor.com/class=name`. */
  | { readonly kind: 'cdi'; readonly name: string }

export interface PlannedDevice {
  readonly hostPath: string
  readonly containerPath: string
  readonly access: DeviceAccess
}

/** Which devices the container's control group allows beside the usual ones (runtime-spec config-linux.md, Allowed Device list). */
export interface DeviceRulePlan {
  readonly type: 'a' | 'b' | 'c'
  /** Undefined: all. */
  readonly major?: number
  readonly minor?: number
  readonly access: DeviceAccess
}
