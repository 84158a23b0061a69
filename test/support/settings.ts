import { readConfig } from '../../src/config/config.ts'
import { WITHOUT_EFFECT } from '../../src/config/warnings.ts'

/** Every variable that the configuration reads, with no value given. */
export function settingsRead(): string[] {
  const names = new Set<string>()
  readConfig(
    new Proxy<Record<string, undefined>>(
      {},
      {
        get(_, name) {
          names.add(String(name))
          return undefined
        },
      },
    ),
  )
  for (const name of WITHOUT_EFFECT) names.delete(name)
  return [...names].sort()
}
