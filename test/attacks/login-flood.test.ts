import { randomBytes, randomInt } from 'node:crypto'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { ADMIN } from '../support/app.ts'
import { startBuiltHouse } from '../support/built-server.ts'
import { type LoginOptions, logIn } from '../support/log-in.ts'
import { until } from '../support/until.ts'
import { newUser, PASSWORD } from '../support/users.ts'

const ATTACKERS = 32
/** The client has the same cores as the server. */
const PAUSE_MS = 25
const LOGINS = 20

/** Dear enough that the queue is full, and no limit on requests that would end the flood before it gets there. */
const ENV = { BCRYPT_ROUNDS: '8', API_REQUESTS_PER_MINUTE: '100000000' }

const anyAddress = () => Array.from({ length: 4 }, () => randomInt(1, 250)).join('.')
const anyName = () => randomBytes(6).toString('hex')

/** Wrong passwords from everybody at once, until the test or the returned function ends it. */
function flood(t: Test, origin: string, name: () => string, options: () => LoginOptions) {
  const agent = new Agent({ keepAlive: true })
  const statuses: Record<number, number> = {}
  let over = false
  const attackers = Array.from({ length: ATTACKERS }, async () => {
    while (!over) {
      const { status } = await logIn(origin, name(), 'wrong', { ...options(), agent }).catch(() => ({
        status: 0,
      }))
      statuses[status] = (statuses[status] ?? 0) + 1
      await sleep(PAUSE_MS)
    }
  })
  const end = async () => {
    over = true
    await Promise.all(attackers)
    agent.destroy()
  }
  t.teardown(end)
  return { statuses, end }
}

/** Logs in with the right password, again and again. */
async function rightPasswords(origin: string, username: string, password: string, options: LoginOptions) {
  const statuses: number[] = []
  for (let i = 0; i < LOGINS; i++) statuses.push((await logIn(origin, username, password, options)).status)
  return statuses
}

const allOk = new Array<number>(LOGINS).fill(200)

t.test('a flood of forged addresses and names must not keep the right password out', async t => {
  const { origin, admin } = await startBuiltHouse(t, ENV)
  await newUser(origin, admin, 'kim')
  const attack = flood(t, origin, anyName, () => ({ forwardedFor: anyAddress() }))
  await until(() => (attack.statuses[401] ?? 0) > 2)
  t.same(
    await rightPasswords(origin, ADMIN.username, ADMIN.password, { from: '127.0.0.2' }),
    allOk,
    'from an address that was never seen',
  )
  t.same(
    await rightPasswords(origin, 'kim', PASSWORD, { forwardedFor: '198.51.100.7' }),
    allOk,
    'from behind the same proxy, for an account that has logged in there',
  )
  await attack.end()
  t.comment(attack.statuses)
})

t.test('a flood from ever new addresses must not keep the right password out', async t => {
  const { origin, admin } = await startBuiltHouse(t, { ...ENV, TRUSTED_PROXIES: '127.0.0.1' })
  await newUser(origin, admin, 'kim')
  const attack = flood(t, origin, anyName, () => ({ forwardedFor: anyAddress() }))
  await until(() => (attack.statuses[503] ?? 0) > 20)
  t.same(await rightPasswords(origin, ADMIN.username, ADMIN.password, {}), allOk, 'from a known address')
  t.same(
    await rightPasswords(origin, 'kim', PASSWORD, { forwardedFor: '198.51.100.7' }),
    allOk,
    'from an address that was never seen, for an account that is there',
  )
  await attack.end()
  t.ok(attack.statuses[503]! > 20, 'there was more than can be checked')
  t.ok(attack.statuses[401]! > 0, 'and some of it was checked')
  t.comment(attack.statuses)
})

t.test('a flood at one account from ever new addresses must not keep out the owner, or others', async t => {
  const { origin, admin } = await startBuiltHouse(t, { ...ENV, TRUSTED_PROXIES: '127.0.0.1' })
  await newUser(origin, admin, 'kim')
  const attack = flood(
    t,
    origin,
    () => ADMIN.username,
    () => ({ forwardedFor: anyAddress() }),
  )
  await until(() => (attack.statuses[429] ?? 0) > 20)
  t.same(await rightPasswords(origin, ADMIN.username, ADMIN.password, {}), allOk, 'the owner at home')
  t.same(
    await rightPasswords(origin, ADMIN.username, ADMIN.password, {
      forwardedFor: '198.51.100.7',
      token: admin.token,
    }),
    allOk,
    'the owner elsewhere, with a device that is logged in',
  )
  t.same(await rightPasswords(origin, 'kim', PASSWORD, { forwardedFor: '198.51.100.8' }), allOk)
  await attack.end()
  t.ok((attack.statuses[401] ?? 0) <= 20, 'few guesses were looked at')
  t.comment(attack.statuses)
})
