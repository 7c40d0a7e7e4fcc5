// The version, put in by the build from package.json; running from source there is none.

declare const LICHEN_VERSION: string | undefined

export const lichenVersion: string = typeof LICHEN_VERSION === 'string' ? LICHEN_VERSION : 'development'
