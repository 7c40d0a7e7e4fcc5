// The words that commands are grouped under, and what their help begins with.

export const topics = {
  artifact: 'Manage artifacts: files kept in registries',
  container: 'Manage containers',
  healthcheck: 'Check the health of containers',
  image: 'Manage images',
  manifest: 'Manage lists of images for several platforms',
  secret: 'Manage secrets',
  system: 'Manage the store',
  volume: 'Manage volumes',
} as const
