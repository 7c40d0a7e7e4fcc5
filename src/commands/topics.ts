// The words that commands are grouped under, and what their help begins with.

export const topics = {
  artifact: 'Manage artifacts: files kept in registries',
  container: 'Manage containers',
  image: 'Manage images',
  manifest: 'Manage lists of images for several platforms',
  system: 'Manage the store',
} as const
