import { ADMIN } from './app.ts'

/** Logs in and gives what a client needs: the token, and `fetch` as the PWA calls it. */
export async function signIn(origin: string, credentials: { username: string; password: string } = ADMIN) {
  const reply = await fetch(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  })
  if (reply.status !== 200) throw new Error(`login answered ${reply.status}: ${await reply.text()}`)
  const { token, user } = (await reply.json()) as { token: string; user: { id: number } }
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return {
    token,
    user,
    headers,
    /** `path` starts with `/`; a body that is no string is sent as JSON. */
    request: (path: string, init: Omit<RequestInit, 'body'> & { body?: unknown } = {}) =>
      fetch(`${origin}${path}`, {
        ...init,
        headers: { ...headers, ...init.headers },
        ...(init.body === undefined ? { body: null } : { body: JSON.stringify(init.body) }),
      }),
  }
}
