import { randomInt } from 'node:crypto'
import type { ADMIN, RunningServer } from '../process/server.ts'
import { Caller, type RequestCounts } from './caller.ts'
import type { Route } from './routes.ts'

const FORGED = 'eyJhbGciOiJub25lIn0.e30.'

/** One way to ask a server until the signal; each counts its answers. */
export type Client = (caller: Caller, server: RunningServer, signal: AbortSignal) => Promise<void>

/** Has so many at once ask like that until the signal. */
export async function clients(
  count: number,
  client: Client,
  server: RunningServer,
  signal: AbortSignal,
  counts: RequestCounts,
): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const caller = new Caller(server.origin, counts)
      try {
        await client(caller, server, signal)
      } finally {
        await caller.close()
      }
    }),
  )
}

/** Every route in turn: of five calls three are in order, one asks for nonsense, one has no token or a forged one. */
export function askAll(routes: readonly Route[]): Client {
  return async (caller, { token }, signal) => {
    for (let turn = randomInt(routes.length); !signal.aborted; turn++) {
      const { method, route, fill } = routes[turn % routes.length]!
      const dice = randomInt(10)
      await caller.call({
        method,
        route,
        ...fill(dice < 2 ? 'invalid' : 'valid'),
        token: dice === 2 ? undefined : dice === 3 ? FORGED : token,
      })
    }
  }
}

/** Failed logins from ever other addresses, the page, which nobody describes as a route, and what there is not. */
export const guess: Client = async (caller, _, signal) => {
  while (!signal.aborted) {
    const from = anywhere()
    const body = { username: `user${randomInt(1000)}`, password: 'wrong' }
    await caller.call({ method: 'POST', route: '/api/auth/login', body, from })
    await caller.call({ method: 'GET', route: '/', from })
    await caller.call({ method: 'GET', route: '/api/nothing/of/the/kind', from })
  }
}

/** Where nobody has failed to log in yet. */
const anywhere = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`

/** Somebody gets an account, uses all that belongs to it, logs out, and is deleted again. */
export const comeAndGo: Client = async (caller, { token: admin }, signal) => {
  while (!signal.aborted) {
    const person = { username: `guest${randomInt(1e9)}`, password: 'Correct-Horse-7' }
    const users = '/api/admin/users'
    const made = await caller.call<{ user?: { id: number } }>({
      method: 'POST',
      route: users,
      token: admin,
      body: { ...person, is_admin: false },
    })
    const id = made?.user?.id
    if (id === undefined) continue
    const asAdmin = (method: string, route: string, body?: object) =>
      caller.call({ method, route, path: route.replace('{id}', String(id)), token: admin, body })
    await asAdmin('PATCH', `${users}/{id}`, { full_name: 'Guest' })
    await asAdmin('PUT', `${users}/{id}/cameras`, { mode: 'custom', cameras: ['Garage'] })
    await useAccount(caller, person, anywhere())
    for (const list of ['cameras', 'sessions', 'player-tokens']) await asAdmin('GET', `${users}/{id}/${list}`)
    await asAdmin('POST', `${users}/{id}/password`, { new_password: 'Battery-Staple-8' })
    await asAdmin('POST', `${users}/{id}/active`, { is_active: false })
    await asAdmin('DELETE', `${users}/{id}`)
  }
}

async function useAccount(caller: Caller, person: typeof ADMIN, from: string): Promise<void> {
  const login = await caller.call<{ token?: string }>({
    method: 'POST',
    route: '/api/auth/login',
    body: person,
    from,
  })
  const token = login?.token
  const asked = <T>(method: string, route: string, body?: object, path = route) =>
    caller.call<T>({ method, route, path, token, body, from })
  const tokens = '/api/auth/player-tokens'
  const made = await asked<{ player_token?: { id: string } }>('POST', tokens, {
    name: 'tablet',
    cameras: ['Garage'],
  })
  await asked('GET', tokens)
  await asked('DELETE', `${tokens}/{id}`, undefined, `${tokens}/${made?.player_token?.id ?? 'none'}`)
  await asked('GET', '/api/cameras')
  await asked('GET', '/api/auth/sessions')
  const { username, password } = person
  await asked('POST', '/api/auth/change-username', {
    current_username: username,
    new_username: `${username}x`,
    confirm_username: `${username}x`,
  })
  await asked('POST', '/api/auth/change-password', {
    current_password: password,
    new_password: `${password}x`,
    confirm_password: `${password}x`,
  })
  await asked('POST', '/api/auth/logout')
}
