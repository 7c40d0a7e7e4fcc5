// The package brings no types.

declare module 'proxy-from-env' {
  /** Empty: no proxy. */
  export function getProxyForUrl(url: URL): string
}
