import { readAccountsConfig } from './accounts.ts'
import { readLiveConfig } from './live.ts'
import { readServerConfig } from './server.ts'
import { type Environment, Settings } from './setting.ts'
import { readUpstreamsConfig } from './upstreams.ts'

export type Config = ReturnType<typeof readConfig>

/** Reads every setting once, at start. Throws one `BAD_SETTING` that names the variable, its value and what is allowed. */
export function readConfig(env: Environment) {
  const settings = new Settings(env)
  return {
    server: readServerConfig(settings),
    accounts: readAccountsConfig(settings),
    upstreams: readUpstreamsConfig(settings),
    live: readLiveConfig(settings),
  }
}
