// The words that commands are grouped under, and what their help begins with.

export const topics = {
  container: 'Manage containers',
  image: 'Manage images',
} as const
