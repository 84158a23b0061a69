import t, { type Test } from 'tap'
import { ADMIN } from '../support/app.ts'
import { startBuilt, startBuiltHouse } from '../support/built-server.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { type LoginAnswer, logIn } from '../support/log-in.ts'
import { signIn } from '../support/sign-in.ts'
import { newUser, PASSWORD } from '../support/users.ts'

const elsewhere = (i: number) => ({ forwardedFor: `198.51.${100 + Math.floor(i / 250)}.${i % 250}` })
const wasChecked = ({ status, body }: LoginAnswer) => status === 401 || body.code === 'ADDRESS_BLOCKED'

const BEHIND_PROXY = { TRUSTED_PROXIES: '127.0.0.1' }

/** The server behind a proxy, with a clock that goes on only where the test moves it; `wait` takes seconds. */
async function startStopped(t: Test) {
  const clock = await fakeClock(t, 'set')
  let now = Math.floor(Date.now() / 1000)
  const wait = (seconds: number) => {
    now += seconds
    return clock.stopAt(now)
  }
  await wait(0)
  const { origin } = await startBuilt(t, { ...BEHIND_PROXY, ...clock.env })
  return { origin, wait }
}

async function guess(origin: string, username: string, times: number): Promise<LoginAnswer[]> {
  const answers: LoginAnswer[] = []
  for (let i = 0; i < times; i++) answers.push(await logIn(origin, username, 'wrong', elsewhere(i)))
  return answers
}

t.test('one account must not be guessed from many addresses without being slowed more and more', async t => {
  const { origin, wait } = await startStopped(t)
  const pauses: number[] = []
  for (let i = 0; pauses.length < 14 && i < 200; i++) {
    const answer = await logIn(origin, ADMIN.username, 'wrong', elsewhere(i))
    if (answer.body.code !== 'LOGIN_SLOWED') {
      t.match(answer, { status: 401, body: { error: 'Invalid credentials', attempts_remaining: 3 } })
      continue
    }
    t.match(answer, { status: 429, body: { error: /^Too many failed logins\. Try again in \d+ seconds?$/ } })
    pauses.push(answer.retryAfter)
    await wait(answer.retryAfter)
  }
  t.same(pauses.slice(0, 11), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
  t.ok(Math.max(...pauses) <= 3600, 'never longer than a block')
})

t.test('guesses at the same moment must not get round the slowdown', async t => {
  const { origin } = await startBuilt(t, BEHIND_PROXY)
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => logIn(origin, ADMIN.username, 'wrong', elsewhere(i))),
  )
  const checked = answers.filter(wasChecked).length
  t.ok(checked > 0 && checked <= 9, `${checked} were checked`)
})

t.test('whoever guesses must not lock the owner out, or anybody else', async t => {
  const { origin, admin } = await startBuiltHouse(t, BEHIND_PROXY)
  await newUser(origin, admin, 'kim')
  await guess(origin, ADMIN.username, 40)
  const right = (options: object) => logIn(origin, ADMIN.username, ADMIN.password, options)
  t.match(await right(elsewhere(300)), { status: 429, body: { code: 'LOGIN_SLOWED' } }, 'a stranger waits')
  t.equal((await right({})).status, 200, 'an address that the account has logged in from')
  t.equal((await right({ ...elsewhere(301), token: admin.token })).status, 200, 'a device with a session')
  t.equal((await right(elsewhere(301))).status, 200, 'whose address is known from then on')
  const kim = await signIn(origin, { username: 'kim', password: PASSWORD })
  t.equal((await right({ ...elsewhere(302), token: kim.token })).status, 429, 'not another user’s device')
  t.equal((await right({ ...elsewhere(302), token: `${admin.token}x` })).status, 429, 'nor a forged token')
  t.equal((await logIn(origin, 'kim', PASSWORD, elsewhere(303))).status, 200, 'another account')
  const typo = await logIn(origin, ADMIN.username, 'typo')
  t.match(typo, { status: 401, body: { attempts_remaining: 3 } }, 'the owner’s typos count as ever')
})

t.test('how a name is slowed must not tell whether it is an account', async t => {
  const { origin } = await startStopped(t)
  const said = (answers: LoginAnswer[]) => answers.map(({ status, body }) => [status, body.code])
  const known = said(await guess(origin, ADMIN.username, 20))
  t.same(said(await guess(origin, 'nobody', 20)), known)
  t.same(known[7], [401, 'INVALID_CREDENTIALS'])
  t.same(known[8], [429, 'LOGIN_SLOWED'])
})

t.test('passwords must not be sprayed over names from behind an unlisted proxy', async t => {
  const { origin, admin } = await startBuiltHouse(t)
  const kim = await newUser(origin, admin, 'kim')
  t.ok(kim.token)
  const answers: LoginAnswer[] = []
  for (let i = 0; i < 100; i++) answers.push(await logIn(origin, `name-${i}`, 'Summer-2026', elsewhere(i)))
  const checked = answers.filter(wasChecked).length
  t.ok(checked >= 20 && checked <= 24, `${checked} of 100 were checked`)
  t.match(answers.at(-1), { status: 429, body: { code: 'LOGIN_SLOWED' } })
  t.equal(
    (await logIn(origin, 'kim', PASSWORD, elsewhere(101))).status,
    200,
    'an account that has logged in there is not slowed',
  )
  t.equal(
    (await logIn(origin, 'name-1', 'wrong', { from: '127.0.0.2' })).status,
    401,
    'nor is any other address',
  )
})
