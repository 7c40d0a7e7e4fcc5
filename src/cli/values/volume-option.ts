// `-o KEY[=VALUE]` of `volume create`, `--driver-opts` of `secret create`: what a driver is told. What it means is the driver's to say.

import { UsageError } from '../../model/errors.js'

export function parseDriverOption(input: string): readonly [key: string, value: string] {
  const equals = input.indexOf('=')
  const key = equals < 0 ? input : input.slice(0, equals)
  if (key === '') throw new UsageError('the form is KEY=VALUE')
  return [key, equals < 0 ? '' : input.slice(equals + 1)]
}
