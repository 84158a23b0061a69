import type { IncomingMessage } from 'node:http'
import type { Exchange, Played } from './exchange.ts'

/** `frigate/api/auth.py` `login`: the token is the value of a cookie, and is taken as a Bearer token too. */
export function logIn({ frigate, request, response }: Exchange) {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const { login } = frigate.options
    const { user, password } = JSON.parse(Buffer.concat(chunks).toString() || '{}')
    if (!login || user !== login.user || password !== login.password) {
      response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(JSON.stringify({ message: 'Login failed' }))
      return
    }
    const token = issue(user, Math.floor(Date.now() / 1000) + login.lifeSeconds)
    response.writeHead(200, { 'set-cookie': `frigate_token=${token}; HttpOnly; Path=/; SameSite=lax` }).end()
  })
}

export function authorized(frigate: Played, request: IncomingMessage, path: string): boolean {
  if (!frigate.options.login || path === '/api/login') return true
  const [, claims = ''] = (request.headers.authorization ?? '').replace(/^Bearer /, '').split('.')
  try {
    const { exp, issued } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    return exp > Date.now() / 1000 && issued >= frigate.loginsSince
  } catch {
    return false
  }
}

function issue(user: string, exp: number): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256' })}.${part({ sub: user, role: 'admin', exp, issued: Date.now() })}.c3RhbmQtaW4`
}
